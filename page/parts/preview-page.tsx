import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import type { Preview } from "../../shared/pipeline/preview/previewed.ts";
import { fetchPreview } from "../data/fetch-preview.ts";
import type { FunctionKey } from "../data/function-key.ts";
import { type PreviewRequest, previewAddress, previewRequestOf } from "../data/preview-address.ts";
import { previewSummary } from "../view/preview-words.ts";
import { PreviewForm } from "./preview-form.tsx";
import { PreviewList } from "./preview-list.tsx";
import { Untrusted } from "./untrusted.tsx";

interface Props {
  readonly overview: Overview;
  readonly functionKey: FunctionKey;
}

/** What would be written, and why. Its address says of what; it looks at the tools once when it is opened, and again when it is asked to. */
export function PreviewPage({ overview, functionKey }: Props): VNode {
  const [request, setRequest] = useState(() => previewRequestOf(location.search));
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState({ text: "", isProblem: false });
  const [preview, setPreview] = useState<Preview | undefined>(undefined);

  async function ask(wanted: PreviewRequest): Promise<void> {
    setAsking(true);
    setPreview(undefined);
    setSaid({ text: "Looking at the tools…", isProblem: false });
    const answer = await fetchPreview(wanted, functionKey.read());
    setAsking(false);
    if ("problem" in answer) return setSaid({ text: answer.problem, isProblem: true });
    setPreview(answer.preview);
    setSaid({ text: previewSummary(answer.preview), isProblem: false });
  }

  function change(part: Partial<PreviewRequest>): void {
    setRequest((before) => ({ ...before, ...part }));
  }

  useEffect(() => {
    void ask(request);
    // Once: what is changed in the form is asked for with its button.
  }, []);

  return (
    <section class="preview" aria-labelledby="preview-heading" aria-busy={isAsking}>
      <h2 id="preview-heading">Preview</h2>
      <p class="quiet">What would be created and changed in each tool, and why. Nothing is written by looking.</p>
      <PreviewForm
        overview={overview}
        request={request}
        isAsking={isAsking}
        onChange={change}
        onAsk={() => {
          history.replaceState(null, "", previewAddress(request));
          void ask(request);
        }}
      />
      <p class={said.isProblem ? "problem" : "quiet"} role="status">
        <Untrusted text={said.text} />
      </p>
      {preview !== undefined && <PreviewList preview={preview} tenants={overview.tenants} />}
    </section>
  );
}
