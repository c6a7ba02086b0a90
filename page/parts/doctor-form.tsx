import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Diagnosis } from "../../shared/pipeline/doctor/diagnosis.ts";
import type { TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { fetchDiagnosis } from "../data/fetch-diagnosis.ts";
import { isSendableKey } from "../data/function-key.ts";
import { diagnosisSummary } from "../view/diagnosis-view.ts";
import { DiagnosisList } from "./diagnosis-list.tsx";
import { Untrusted } from "./untrusted.tsx";

/** Has everything examined: for whoever has the master key. */
export function DoctorForm({ tenants }: { readonly tenants: readonly TenantOverview[] }): VNode {
  const [key, setKey] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState({ text: "", isProblem: false });
  const [diagnosis, setDiagnosis] = useState<Diagnosis | undefined>(undefined);

  async function examine(): Promise<void> {
    if (!isSendableKey(key.trim())) {
      return setSaid({ text: "The master key has letters, digits and signs only.", isProblem: true });
    }
    setAsking(true);
    setDiagnosis(undefined);
    setSaid({ text: "Examining…", isProblem: false });
    const answer = await fetchDiagnosis(key.trim());
    setAsking(false);
    setKey("");
    if ("problem" in answer) return setSaid({ text: answer.problem, isProblem: true });
    setDiagnosis(answer.diagnosis);
    setSaid({ text: diagnosisSummary(answer.diagnosis), isProblem: answer.diagnosis.status === "error" });
  }

  return (
    <section class="doctor" aria-labelledby="doctor-heading" aria-busy={isAsking}>
      <h3 id="doctor-heading">Doctor</h3>
      <p class="quiet" id="doctor-help">
        One harmless question to everything that this depends on: permissions, secrets, tools, tables, queues, clocks.
        No ticket is written.
      </p>
      <form
        class="doctor-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isAsking) void examine();
        }}
      >
        <label class="field">
          <span>Master key (it is not kept)</span>
          <input
            type="password"
            name="master-key"
            autocomplete="off"
            value={key}
            aria-describedby="doctor-help doctor-said"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {/* Not disabled while it asks: that would take the keyboard's place away. */}
        <button type="submit" class="primary" aria-disabled={isAsking}>
          Examine everything
        </button>
      </form>
      <p id="doctor-said" class={said.isProblem ? "problem" : "quiet"} role="status">
        <Untrusted text={said.text} />
      </p>
      {diagnosis !== undefined && <DiagnosisList diagnosis={diagnosis} tenants={tenants} />}
    </section>
  );
}
