import type { ConnectorId } from "../../connectors/connector.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { incidentPartition, linkRow, parkedRow } from "../keys.ts";
import { type Link, newLink, unpackLink } from "../link.ts";
import { type ParkedWork, park, seqOfParked } from "./park.ts";
import { parkUnreadable } from "./park-unreadable.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { ConflictError, type Tables } from "../ports/table.ts";
import { type DeltaMessage, DeltaMessageSchema } from "../schema.ts";

interface Deps {
  readonly tables: Tables;
  readonly log: Log;
  readonly clock: Clock;
}

export interface DeadLetter {
  readonly queue: string;
  /** Undefined for a queue that is no lane. */
  readonly connector: ConnectorId | undefined;
  readonly message: unknown;
  /** Why the queue gave it up, in its words: MaxDeliveryCountExceeded, TTLExpiredException. */
  readonly reason: string;
}

const ATTEMPTS = 5;
const MEND =
  "its worker died each time it was delivered, or nobody took it for as long as it lives: look into the log at that time, then replay it";

let check: Promise<SchemaCheck<DeltaMessage>> | undefined;

/** What a queue has given up goes where all parked work is, and is replayed like it; what the ticket shows by now is let go. */
export async function parkDeadLetter(deps: Deps, letter: DeadLetter): Promise<void> {
  check ??= loadSchemaCheck(DeltaMessageSchema);
  const checked = (await check)(letter.message);
  if (letter.connector === undefined || "problems" in checked) {
    return parkUnreadable(deps, letter.queue, letter.message, [`the queue gave it up (${letter.reason})`]);
  }
  const delta = checked.value;
  const tenantId = delta.tenantId as TenantId;
  const incidentId = delta.incidentId as IncidentId;
  const known = await deps.tables.parked.get(tenantId, parkedRow(incidentId, letter.connector));
  const knownSeq = seqOfParked(known?.value as ParkedWork | undefined);
  if (knownSeq > delta.seq || !(await markParked(deps, delta, letter.connector))) return;
  await park(deps, tenantId, {
    incidentId,
    what: letter.connector,
    reason: "deadLettered",
    message: `the queue gave this work up (${letter.reason})`,
    mend: MEND,
    parkedAt: deps.clock.now(),
    body: delta,
  });
}

/** So that the next success clears the row, whoever brings it; false where the ticket shows this delta already. */
async function markParked(deps: Deps, delta: DeltaMessage, connector: ConnectorId): Promise<boolean> {
  const partition = incidentPartition(delta.tenantId as TenantId, delta.incidentId as IncidentId);
  const row = linkRow(connector);
  for (let attempt = 1; ; attempt += 1) {
    const found = await deps.tables.incident.get(partition, row);
    const link: Link = found === undefined ? newLink(deps.clock.now()) : unpackLink(found.value);
    if (link.appliedSeq >= delta.seq && link.intent === undefined) return false;
    try {
      const condition = found === undefined ? "absent" : { etag: found.etag };
      await deps.tables.incident.put(partition, row, { ...link, isParked: true }, condition);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}
