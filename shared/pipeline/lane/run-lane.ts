import { RetryableError } from "../../errors.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { startDeadline } from "../deadline.ts";
import { SNAPSHOT_ROW, incidentPartition, linkRow } from "../keys.ts";
import { newLink, unpackLink } from "../link.ts";
import { ConflictError } from "../ports/table.ts";
import { requestTouch } from "../request-polls.ts";
import type { DeltaMessage } from "../schema.ts";
import { unpackSnapshot } from "../stored-snapshot.ts";
import type { LaneDeps, LanePass, SyncOutcome } from "./sync-deps.ts";
import { idsOf, measurePass } from "./tell-pass.ts";
import { sendCopy, waitOrPark, waitUnread } from "./wait.ts";

const ATTEMPTS = 5;
const LOOK_AGAIN_MS = 2_000;
const LOOKS = 5;

/** One message of a lane: looks at snapshot and link, lets `run` do what they ask for, and waits or parks where that fails. */
export async function runLane<D extends LaneDeps>(
  deps: D,
  message: DeltaMessage,
  deliveredAt: number,
  run: (pass: LanePass<D>) => Promise<SyncOutcome>,
): Promise<SyncOutcome> {
  const deadlineAt = deliveredAt + deps.deadlineMs;
  const deadline = startDeadline(deps.clock, deadlineAt);
  const place: Place = {
    tenantId: message.tenantId as TenantId,
    incidentId: message.incidentId as IncidentId,
    partition: incidentPartition(message.tenantId as TenantId, message.incidentId as IncidentId),
    row: linkRow(deps.connector.id),
  };
  try {
    for (let attempt = 1; ; attempt += 1) {
      let looked: LanePass<D> | SyncOutcome;
      try {
        looked = await look(deps, message, place, deadline.signal, deadlineAt);
      } catch (error) {
        return await waitUnread(deps, message, error);
      }
      if (typeof looked === "string") return looked;
      try {
        return await run(looked);
      } catch (error) {
        if (!(error instanceof ConflictError)) return measurePass(looked, await waitOrPark(looked, error));
        // Another worker wrote this link; what it says now decides.
        if (attempt === ATTEMPTS) return measurePass(looked, await waitOrPark(looked, busy(error)));
      }
    }
  } finally {
    deadline.stop();
  }
}

interface Place {
  readonly tenantId: TenantId;
  readonly incidentId: IncidentId;
  readonly partition: string;
  readonly row: string;
}

function busy(cause: ConflictError): RetryableError {
  return new RetryableError("conflict", "other workers keep writing this link", { cause });
}

/** Reads snapshot and link in one operation; answers an outcome where that alone decides. */
async function look<D extends LaneDeps>(
  deps: D,
  message: DeltaMessage,
  place: Place,
  signal: AbortSignal,
  deadlineAt: number,
): Promise<LanePass<D> | SyncOutcome> {
  const rows = await deps.tables.incident.getMany(place.partition, [SNAPSHOT_ROW, place.row]);
  const snapshotRow = rows.get(SNAPSHOT_ROW);
  const snapshot = snapshotRow === undefined ? undefined : unpackSnapshot(snapshotRow.value);
  if (snapshot === undefined || snapshot.seq < message.seq) return lookAgain(deps, message, place);
  const linkRowFound = rows.get(place.row);
  return {
    deps,
    message,
    ...place,
    snapshot,
    signal,
    deadlineAt,
    link: linkRowFound === undefined ? newLink(deps.clock.now()) : unpackLink(linkRowFound.value),
    etag: linkRowFound?.etag,
    hasClaimed: false,
    doubtful: new Set(linkRowFound === undefined ? [] : unpackLink(linkRowFound.value).doubtful),
  };
}

/** The snapshot is older than its delta, or missing: look again shortly; in the end ask detect to read the incident anew. */
async function lookAgain(deps: LaneDeps, message: DeltaMessage, place: Place): Promise<SyncOutcome> {
  if (message.n < LOOKS) {
    const copy: DeltaMessage = { ...message, cause: "look-again", n: message.n + 1 };
    await sendCopy(deps, copy, deps.clock.now() + LOOK_AGAIN_MS);
  } else {
    await requestTouch(deps, place.tenantId, [place.incidentId], "look-again", deps.random.uuid());
  }
  deps.log.warn("the snapshot is not there yet", { ...idsOf(place), connector: deps.connector.id, seq: message.seq });
  return "looking-again";
}
