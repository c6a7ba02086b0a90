import type { VNode } from "preact";
import type { ConnectorOverview, Overview } from "../../shared/pipeline/overview/overview.ts";
import { kindWords } from "../view/words.ts";
import { WarningSign } from "./icons.tsx";
import { Untrusted } from "./untrusted.tsx";

const SEVERITY_WORDS = { error: "Keeps tickets back", warning: "May be other than meant" } as const;

/** What in the configuration does not fit its tool: where it stands, what is wrong, and the mend. */
export function FindingList({ overview }: { readonly overview: Overview }): VNode | null {
  const found = overview.connectors.filter(({ findings = [] }) => findings.length > 0);
  if (found.length === 0) return null;
  return (
    <div class="findings">
      <h3>Settings that do not fit their tool</h3>
      {found.map((connector) => (
        <Findings key={connector.id} connector={connector} />
      ))}
    </div>
  );
}

function Findings({ connector }: { readonly connector: ConnectorOverview }): VNode {
  const { id, kind, findings = [] } = connector;
  return (
    <div data-findings={id}>
      <h4>
        <Untrusted text={kindWords(kind)} />
        {id !== kind && (
          <span class="quiet">
            {" "}
            <Untrusted text={id} />
          </span>
        )}
      </h4>
      <ul>
        {findings.map(({ severity, place, problem, mend }) => (
          <li key={`${place} ${problem}`} class="finding with-sign" data-severity={severity}>
            <WarningSign />
            <div>
              <p>
                <span class="finding-word">
                  {Object.hasOwn(SEVERITY_WORDS, severity) ? SEVERITY_WORDS[severity] : "Not known"}
                </span>{" "}
                <code>
                  <Untrusted text={place} />
                </code>
                {": "}
                <Untrusted text={problem} />
              </p>
              {mend !== "" && (
                <p class="quiet">
                  To mend it: <Untrusted text={mend} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
