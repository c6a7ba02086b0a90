import type { VNode } from "preact";
import type { FeedState } from "../data/overview-feed.ts";
import { clockTime } from "../view/exact-time.ts";

/** Always in the document, so that what appears in it is read out. */
export function ConnectionBar({ state }: { readonly state: FeedState }): VNode {
  const isLost = state.kind === "showing" && state.problem !== "";
  return (
    <div class="connection" role="status" data-lost={isLost}>
      {isLost && (
        <p>
          Connection lost, showing the state of {clockTime(state.confirmedAt)}
          <span class="connection-reason"> ({state.problem})</span>
        </p>
      )}
    </div>
  );
}
