import type { Stage } from "../../shared/incident/lifecycle.ts";

/** The four steps Defender Experts name, in their order. */
const STEPS = [
  { stage: "active", label: "Active" },
  { stage: "inProgress", label: "In progress" },
  { stage: "awaitingCustomerAction", label: "Awaiting Customer Action" },
  { stage: "resolved", label: "Resolved" },
] as const satisfies readonly { stage: Stage; label: string }[];

export interface LifecycleStep {
  readonly stage: Stage;
  readonly label: string;
  /** "before" says only that the step comes earlier in the order: stages are skipped and revisited, so nobody knows whether it was visited. */
  readonly position: "before" | "current" | "after" | "off";
}

export interface LifecycleView {
  readonly kind: "onTrack" | "merged" | "unrecognised";
  readonly steps: readonly LifecycleStep[];
  readonly label: string;
  /** Said before the label to those who do not see the picture; "" off the track. */
  readonly spokenPosition: string;
}

/** What the picture of an incident's life shows. A stage from a newer server counts as unrecognised. */
export function lifecycleView(stage: Stage, statusRaw: string): LifecycleView {
  const current = STEPS.findIndex((step) => step.stage === stage);
  const found = STEPS[current];
  if (found !== undefined) {
    return {
      kind: "onTrack",
      steps: STEPS.map((step, index) => ({ ...step, position: positionOf(index, current) })),
      label: found.label,
      spokenPosition: `Step ${current + 1} of ${STEPS.length}: `,
    };
  }
  const steps = STEPS.map((step) => ({ ...step, position: "off" as const }));
  if (stage === "redirected") return { kind: "merged", steps, label: "Merged away", spokenPosition: "" };
  const label = statusRaw === "" ? "Unrecognised status (empty)" : `Unrecognised status “${statusRaw}”`;
  return { kind: "unrecognised", steps, label, spokenPosition: "" };
}

function positionOf(index: number, current: number): LifecycleStep["position"] {
  if (index === current) return "current";
  return index < current ? "before" : "after";
}
