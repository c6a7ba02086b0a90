import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Overview } from "../../shared/pipeline/overview.ts";
import type { Preview } from "../../shared/pipeline/previewed.ts";
import { fetchPreview } from "../data/fetch-preview.ts";
import type { FunctionKey } from "../data/function-key.ts";
import { previewSummary } from "../view/preview-words.ts";
import { kindWords } from "../view/words.ts";
import { PreviewList } from "./preview-list.tsx";
import { Untrusted } from "./untrusted.tsx";

const LAST = ["10", "50", "200"] as const;

interface Props {
  readonly overview: Overview;
  readonly functionKey: FunctionKey;
}

/** What would be written for the incidents that changed last, and why: asked for, for it looks at the tools. */
export function PreviewSection({ overview, functionKey }: Props): VNode {
  const [connector, setConnector] = useState("");
  const [last, setLast] = useState("50");
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState({ text: "", isProblem: false });
  const [preview, setPreview] = useState<Preview | undefined>(undefined);

  async function ask(): Promise<void> {
    setAsking(true);
    setSaid({ text: "Looking…", isProblem: false });
    const answer = await fetchPreview({ last, connector }, functionKey.read());
    setAsking(false);
    if ("problem" in answer) return setSaid({ text: answer.problem, isProblem: true });
    setPreview(answer.preview);
    setSaid({ text: previewSummary(answer.preview), isProblem: false });
  }

  return (
    <section class="preview" aria-labelledby="preview-heading">
      <h2 id="preview-heading">Preview</h2>
      <form
        class="preview-form"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <label class="field">
          <span>Incidents that changed last</span>
          <select value={last} onChange={(event) => setLast(event.currentTarget.value)}>
            {LAST.map((count) => (
              <option key={count} value={count}>
                {count}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Tool</span>
          <select value={connector} onChange={(event) => setConnector(event.currentTarget.value)}>
            <option value="">All</option>
            {overview.connectors.map(({ id, kind }) => (
              <option key={id} value={id}>
                {id === kind ? kindWords(kind) : `${kindWords(kind)} (${id})`}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" disabled={isAsking}>
          Show what would be written
        </button>
      </form>
      <p class={said.isProblem ? "problem" : "quiet"} role="status">
        <Untrusted text={said.text} />
      </p>
      {preview !== undefined && <PreviewList preview={preview} isNamed={overview.tenants.length > 1} />}
    </section>
  );
}
