import { PermanentError } from "../../errors.ts";
import type { SentinelClient } from "./client.ts";

/** A workspace whose Defender connector is on gets a new incident now and then. */
const LATELY_MS = 24 * 60 * 60_000;
const LOOK_AGAIN_MS = 10 * 60_000;

/** Whether Sentinel's own Defender connector works in this workspace: what it writes must have no second writer, and its incidents no twin of ours. */
export interface OwnConnectorWatch {
  isOn(signal: AbortSignal): Promise<boolean>;
  /** Throws `PermanentError("misconfigured")` where it is on. */
  mustBeOff(signal: AbortSignal): Promise<void>;
}

export const OWN_CONNECTOR_MEND =
  "set mode to tag, or switch the workspace's Defender XDR connector (its incidents) off; a day later its last incident counts no longer";

export function createOwnConnectorWatch(
  client: Pick<SentinelClient, "hasTwinSince">,
  clock: { now(): number },
): OwnConnectorWatch {
  let known: { readonly isOn: boolean; readonly until: number } | undefined;

  return {
    isOn,
    async mustBeOff(signal) {
      if (!(await isOn(signal))) return;
      throw new PermanentError(
        "misconfigured",
        "Sentinel's own Defender connector makes incidents in this workspace; mode manage would write against it",
        { mend: OWN_CONNECTOR_MEND },
      );
    },
  };

  async function isOn(signal: AbortSignal): Promise<boolean> {
    const now = clock.now();
    if (known === undefined || now >= known.until) {
      known = { isOn: await client.hasTwinSince(now - LATELY_MS, signal), until: now + LOOK_AGAIN_MS };
    }
    return known.isOn;
  }
}
