import type { VNode } from "preact";
import type { TicketOverview } from "../../shared/pipeline/overview/overview.ts";

/** Every sign stands beside its word, so none of them is read out. */
function Sign({ path, class: name = "" }: { readonly path: string; readonly class?: string }): VNode {
  return (
    <svg class={`sign ${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

const STATE_PATHS = {
  shown: "M3 8.500l3.200 3.200L13 4.800",
  behind: "M13 8a5 5 0 1 1-1.600-3.700M13 2.500v3h-3",
  waiting: "M8 4.500V8l2.500 1.500M8 2.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 0 0 0-11",
  parked: "M5.500 3.500v9M10.500 3.500v9",
  absent: "M4 8h8",
  dropped: "M4 8h8",
  unrouted: "M4 8h8",
  detached: "M3 8h3.500M9.500 8H13",
} as const satisfies Record<TicketOverview["state"], string>;

export function StateSign({ state }: { readonly state: TicketOverview["state"] }): VNode {
  return <Sign path={Object.hasOwn(STATE_PATHS, state) ? STATE_PATHS[state] : STATE_PATHS.absent} />;
}

export function WarningSign(): VNode {
  return <Sign path="M8 2.500l6 11H2zM8 6.500v3.200M8 11.700v.100" />;
}

export function OutwardSign(): VNode {
  return <Sign class="sign-outward" path="M6 3.500H3.500v9h9V10M9 3.500h3.500V7M12.300 3.700L7.500 8.500" />;
}

export function CommentSign(): VNode {
  return <Sign path="M2.500 3.500h11v7.500H7L4 13.500V11H2.500z" />;
}

export function MergeSign(): VNode {
  return <Sign path="M4 13V9.500c0-2 1.500-2.500 4-2.500s4-.500 4-2.500V3M9.500 5L12 2.500L14.500 5M4 3v3" />;
}

/** Three bars, as many lit as the severity weighs. */
export function SeverityBars({ level }: { readonly level: number }): VNode {
  return (
    <svg class="bars" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
      <rect class={level >= 1 ? "lit" : ""} x="0.500" y="9" width="3" height="4.500" rx="1" />
      <rect class={level >= 2 ? "lit" : ""} x="5.500" y="5" width="3" height="8.500" rx="1" />
      <rect class={level >= 3 ? "lit" : ""} x="10.500" y="1" width="3" height="12.500" rx="1" />
    </svg>
  );
}

/** A ball on its way from one side to the other. */
export function ProductMark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <path class="mark-arc" d="M6 20.500c4.500-9.500 15.500-9.500 20 0" />
      <circle class="mark-hand" cx="6.500" cy="21" r="3" />
      <circle class="mark-ball" cx="20" cy="13.500" r="4.500" />
    </svg>
  );
}
