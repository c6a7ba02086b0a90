import type { VNode } from "preact";
import type { Diagnosis, DoctorFinding } from "../../shared/pipeline/doctor/diagnosis.ts";
import type { TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { VERDICT_WORDS, examinedAreas } from "../view/diagnosis-view.ts";
import { StateSign, WarningSign } from "./icons.tsx";
import { Untrusted } from "./untrusted.tsx";

type Tenants = readonly Pick<TenantOverview, "id" | "name">[];

/** What was seen, by area, with the mend for what is wrong; the worst first. */
export function DiagnosisList(props: { readonly diagnosis: Diagnosis; readonly tenants: Tenants }): VNode {
  const { diagnosis, tenants } = props;
  return (
    <ul class="examined">
      {examinedAreas(diagnosis).map(({ name, worst, findings }) => (
        <li key={name} class="panel" data-area={name} data-ill={worst === "error"}>
          <h4>
            <Untrusted text={name} />
          </h4>
          <ul>
            {findings.map((finding) => (
              <Finding key={`${finding.about} ${finding.seen}`} finding={finding} tenants={tenants} />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Finding({ finding, tenants }: { readonly finding: DoctorFinding; readonly tenants: Tenants }): VNode {
  const { about, verdict, seen, mend } = finding;
  const tenant = tenants.find(({ id }) => id === about);
  return (
    <li class="examined-finding with-sign" data-verdict={verdict}>
      <VerdictSign verdict={verdict} />
      <div>
        <p>
          <span class="finding-word">
            {Object.hasOwn(VERDICT_WORDS, verdict) ? VERDICT_WORDS[verdict] : "Not known"}
          </span>
          {about !== "" && (
            <>
              {" "}
              {tenant === undefined ? (
                <code>
                  <Untrusted text={about} />
                </code>
              ) : (
                <Untrusted text={tenant.name} />
              )}
            </>
          )}
          {": "}
          <Untrusted text={seen} />
        </p>
        {mend !== "" && (
          <p class="examined-mend">
            To mend it: <Untrusted text={mend} />
          </p>
        )}
      </div>
    </li>
  );
}

function VerdictSign({ verdict }: { readonly verdict: DoctorFinding["verdict"] }): VNode {
  if (verdict === "ok") return <StateSign state="shown" />;
  return verdict === "notLooked" ? <StateSign state="absent" /> : <WarningSign />;
}
