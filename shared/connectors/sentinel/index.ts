import { RetryableError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import type { AssigneeNames } from "../../incident/ball.ts";
import {
  type ConnectorId,
  type Ticket,
  type TicketChanges,
  type TicketConnector,
  type TicketFields,
  type TicketRef,
  afterSomeNotes,
} from "../connector.ts";
import { wantedTasks } from "../task-values.ts";
import { checkWorkspace } from "./check.ts";
import { type SentinelToken, createSentinelClient, gone, isOfDefender } from "./client.ts";
import { commentNameOf, noteIdOf } from "./comment-id.ts";
import { fieldRules } from "./field-rules.ts";
import { toBody, withChanges } from "./incident-body.ts";
import { MANAGED } from "./managed.ts";
import { type SentinelMode, TASK_PREFIX, toComment, toTicket, toWanted } from "./mapping.ts";
import { incidentNameOf } from "./names.ts";
import { createOwnConnectorWatch } from "./own-connector.ts";
import type { WireIncident } from "./schema.ts";
import { keepTasks } from "./tasks.ts";
import { WRITES_PER_5_MINUTES } from "./write-quota.ts";

export interface SentinelOptions {
  readonly id: ConnectorId;
  /** `observe` writes nothing at all; `tag` our labels, comments and tasks; `manage` the whole incident, where Sentinel's own connector is off. */
  readonly mode: SentinelMode;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  /** `https://management.azure.com` */
  readonly armUrl: string;
  readonly token: SentinelToken;
  readonly http: Http;
  readonly clock: { now(): number };
  readonly assignees: AssigneeNames;
  /** Hosts whose links stay links: the Defender portal's. */
  readonly portalHosts: readonly string[];
  /** Default 75, for incidents, comments and tasks each. */
  readonly writesPer5Minutes?: number;
}

/** Sentinel's own connector saves at any time; a write that meets a newer version is merged anew so often. */
const ATTEMPTS = 4;
/** What was just read is written over without a second look: the etag tells Sentinel whether it is still so. */
const FRESH_MS = 10_000;
const FRESH_KEPT = 100;
/** Tasks are calls of their own, before the incident's. */
const STEPS = { withCreate: ["name", ...MANAGED], afterCreate: [], last: MANAGED };

/** The twins that Sentinel's own Defender connector makes: adopted, never created; in mode `manage` the incidents made in its stead. */
export function createSentinelConnector(options: SentinelOptions): TicketConnector {
  const { mode, clock } = options;
  const client = createSentinelClient({
    ...options,
    armUrl: options.armUrl.replace(/\/+$/, ""),
    writesPer5Minutes: options.writesPer5Minutes ?? WRITES_PER_5_MINUTES,
  });
  const ownConnector = createOwnConnectorWatch(client, clock);
  const fresh = new Map<string, { readonly incident: WireIncident; readonly readAt: number }>();

  return {
    id: options.id,
    kind: "sentinel",
    mappingVersion: 3,
    settleMs: 0,
    hasOneTicket: true,
    ...(mode === "observe" ? {} : { steps: STEPS }),
    fields: fieldRules(mode),
    check: (signal) => checkWorkspace(client, mode, mode === "manage" ? ownConnector : undefined, signal),
    wanted: (projection, context) => toWanted(projection, context, options),
    async find(key, signal) {
      const own = mode === "manage" ? await client.peek(incidentNameOf(key), signal) : undefined;
      // Defender numbers the incidents of a tenant, and a workspace belongs to one: the configuration is refused where it names two.
      const found = own ?? (await client.findByProviderIncidentId(key.slice(key.lastIndexOf(":") + 1), signal));
      if (found !== undefined) keepFresh(found);
      return found === undefined ? undefined : ticketOf(found);
    },
    async read(ref, signal) {
      const incident = await client.get(ref.id, signal);
      return incident === undefined ? undefined : ticketOf(incident);
    },
    ...(mode === "manage" ? { create } : {}),
    async update(ref, changes, signal) {
      const tasks = mode === "observe" ? [] : wantedTasks(changes.values, TASK_PREFIX);
      await keepTasks(client, ref, tasks, signal);
      try {
        return await change(ref, changes, signal);
      } catch (error) {
        throw tasks.length === 0 ? error : afterSomeNotes(error, []);
      }
    },
    async appendNotes(ref, notes, signal) {
      if (mode === "observe") return;
      for (const [index, note] of notes.entries()) {
        try {
          await client.putComment(ref.id, commentNameOf(note.id), toComment(note), signal);
        } catch (error) {
          throw index === 0 ? error : afterSomeNotes(error, notes);
        }
      }
    },
    async readNotes(ref, signal) {
      if (mode === "observe") return new Set();
      const ids = (await client.commentNames(ref.id, signal)).map(noteIdOf);
      return new Set(ids.filter((id) => id !== undefined));
    },
  };

  /** The name is made of the key: asked for twice, it is the same incident. */
  async function create(fields: TicketFields, signal: AbortSignal): Promise<Ticket> {
    await ownConnector.mustBeOff(signal);
    const name = fields.values["name"] ?? "";
    const made = await client.put(name, toBody(fields), signal);
    if (made === undefined)
      throw new RetryableError("conflict", "the Sentinel incident was made by somebody else meanwhile");
    const ticket = ticketOf(made);
    try {
      await keepTasks(client, ticket.ref, wantedTasks(fields.values, TASK_PREFIX), signal);
    } catch (error) {
      throw afterSomeNotes(error, []);
    }
    return ticket;
  }

  async function change(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Ticket> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const incident = takeFresh(ref.id) ?? (await client.get(ref.id, signal));
      if (incident === undefined) throw gone(ref.label);
      const body = mode === "observe" ? undefined : withChanges(incident, changes);
      if (body === undefined) return ticketOf(incident);
      if (mode === "manage" && isOfDefender(incident)) await ownConnector.mustBeOff(signal);
      const saved = await client.put(ref.id, body, signal);
      if (saved !== undefined) return ticketOf(saved);
    }
    throw new RetryableError(
      "conflict",
      `Sentinel incident ${ref.label} was saved by others ${ATTEMPTS} times meanwhile`,
    );
  }

  function keepFresh(incident: WireIncident): void {
    if (typeof incident.etag !== "string") return;
    const [oldest] = fresh.keys();
    if (fresh.size >= FRESH_KEPT && oldest !== undefined) fresh.delete(oldest);
    fresh.set(incident.name, { incident, readAt: clock.now() });
  }

  /** Once: after a conflict it is read anew. */
  function takeFresh(name: string): WireIncident | undefined {
    const kept = fresh.get(name);
    fresh.delete(name);
    return kept !== undefined && clock.now() - kept.readAt <= FRESH_MS ? kept.incident : undefined;
  }

  function ticketOf(incident: WireIncident): Ticket {
    return toTicket(incident, options, "https://portal.azure.com/");
  }
}
