import type { VNode } from "preact";
import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";
import { lifecycleView } from "../view/lifecycle-view.ts";
import type { LifecycleStep, LifecycleView } from "../view/lifecycle-view.ts";
import { closedByWords } from "../view/words.ts";
import { Age } from "./age.tsx";
import { Untrusted } from "./untrusted.tsx";

const FIRST_X = 9;
const STEP_X = 46;
const MIDDLE_Y = 10;

/** The four steps with the incident's own lit, its name, and for how long it has stood there. */
export function LifecycleTrack({ incident }: { readonly incident: IncidentOverview }): VNode {
  const view = lifecycleView(incident.stage, incident.statusRaw);
  const closedBy = closedByWords(incident.closedBy);
  return (
    <div class="lifecycle" data-stage={incident.stage} data-track={view.kind}>
      <Picture view={view} />
      <p class="lifecycle-name">
        <span class="unseen">{view.spokenPosition}</span>
        <span class="stage-label">
          <Untrusted text={view.label} />
        </span>{" "}
        <span class="quiet">
          for <Age since={incident.stageSince} whenUnknown="a time not known" />
        </span>
      </p>
      {closedBy !== "" && <p class="closed-by quiet">{closedBy}</p>}
    </div>
  );
}

function Picture({ view }: { readonly view: LifecycleView }): VNode {
  const current = view.steps.findIndex((step) => step.position === "current");
  return (
    <svg class="track" viewBox="0 0 156 20" aria-hidden="true" focusable="false">
      <path class="track-line" d={`M${FIRST_X} ${MIDDLE_Y}H${xOf(view.steps.length - 1)}`} />
      {current > 0 && <path class="track-come" d={`M${FIRST_X} ${MIDDLE_Y}H${xOf(current)}`} />}
      {view.steps.map((step, index) => (
        <Step key={step.stage} step={step} x={xOf(index)} />
      ))}
      {view.kind === "merged" && <path class="track-away" d="M9 10C22 10 21 3 35 3H69M65 0L69.500 3L65 6" />}
    </svg>
  );
}

function Step({ step, x }: { readonly step: LifecycleStep; readonly x: number }): VNode {
  return (
    <g class={`step step-${step.position}`}>
      <title>{step.label}</title>
      {step.position === "current" && <circle class="step-halo" cx={x} cy={MIDDLE_Y} r="8.500" />}
      <circle class="step-dot" cx={x} cy={MIDDLE_Y} r={step.position === "current" ? 5.5 : 3.5} />
      {step.position === "current" && step.stage === "resolved" && (
        <path class="step-check" d={`M${x - 2.5} ${MIDDLE_Y}l1.800 1.900l3.300-3.600`} />
      )}
    </g>
  );
}

function xOf(index: number): number {
  return FIRST_X + index * STEP_X;
}
