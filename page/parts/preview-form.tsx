import type { VNode } from "preact";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import type { PreviewRequest } from "../data/preview-address.ts";
import { kindWords } from "../view/words.ts";
import { visibleText } from "../view/visible-text.ts";
import { Untrusted } from "./untrusted.tsx";

const LAST = [10, 50, 200];

interface Props {
  readonly overview: Overview;
  readonly request: PreviewRequest;
  readonly isAsking: boolean;
  readonly onChange: (part: Partial<PreviewRequest>) => void;
  readonly onAsk: () => void;
}

/** Of which incidents, and for which tool. */
export function PreviewForm({ overview, request, isAsking, onChange, onAsk }: Props): VNode {
  return (
    <form
      class="preview-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk();
      }}
    >
      {request.incident === "" ? (
        <label class="field">
          <span>Incidents that changed last</span>
          <select value={request.last} onChange={(event) => onChange({ last: event.currentTarget.value })}>
            {counts(request).map((count) => (
              <option key={count} value={`${count}`}>
                {count}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p class="preview-one">
          Incident <Untrusted text={request.incident} /> alone{" "}
          <button type="button" onClick={() => onChange({ incident: "", tenant: "" })}>
            Those that changed last
          </button>
        </p>
      )}
      {overview.tenants.length > 1 && request.incident === "" && (
        <label class="field">
          <span>Tenant</span>
          <select value={request.tenant} onChange={(event) => onChange({ tenant: event.currentTarget.value })}>
            <option value="">All</option>
            {overview.tenants.map(({ id, name }) => (
              <option key={id} value={id}>
                {visibleText(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>Tool</span>
        <select value={request.connector} onChange={(event) => onChange({ connector: event.currentTarget.value })}>
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
  );
}

/** An address may name another number than the list has. */
function counts({ last }: PreviewRequest): readonly number[] {
  return [...new Set([...LAST, Number(last)])].toSorted((a, b) => a - b);
}
