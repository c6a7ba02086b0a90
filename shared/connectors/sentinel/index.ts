import { RetryableError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import type { AssigneeNames } from "../../incident/ball.ts";
import { type ConnectorId, type Ticket, type TicketConnector, afterSomeNotes } from "../connector.ts";
import { checkWorkspace } from "./check.ts";
import { type SentinelToken, createSentinelClient, gone } from "./client.ts";
import { commentNameOf, noteIdOf } from "./comment-id.ts";
import { fieldRules } from "./field-rules.ts";
import { withLabels } from "./incident-body.ts";
import { type SentinelMode, toComment, toTicket, toWanted } from "./mapping.ts";
import type { WireIncident } from "./schema.ts";

export interface SentinelOptions {
  readonly id: ConnectorId;
  /** `observe` writes nothing at all; `tag` writes our labels and comments. Status, owner and verdict belong to Sentinel's own connector. */
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
}

/** Sentinel's own connector saves at any time; a write that meets a newer version is merged anew so often. */
const ATTEMPTS = 4;
/** What was just read is written over without a second look: the etag tells Sentinel whether it is still so. */
const FRESH_MS = 10_000;
const FRESH_KEPT = 100;

/** The twins that Sentinel's own Defender connector makes: adopted, never created. */
export function createSentinelConnector(options: SentinelOptions): TicketConnector {
  const { mode, assignees } = options;
  const client = createSentinelClient({ ...options, armUrl: options.armUrl.replace(/\/+$/, "") });
  const fresh = new Map<string, { readonly incident: WireIncident; readonly readAt: number }>();

  return {
    id: options.id,
    kind: "sentinel",
    mappingVersion: 2,
    settleMs: 0,
    fields: fieldRules(mode),
    check: (signal) => checkWorkspace(client, mode, signal),
    wanted: (projection) => toWanted(projection, mode, assignees),
    async find(key, signal) {
      // Defender numbers the incidents of a tenant, and a workspace belongs to one: the configuration is refused where it names two.
      const found = await client.findByProviderIncidentId(key.slice(key.lastIndexOf(":") + 1), signal);
      if (found !== undefined) keepFresh(found);
      return found === undefined ? undefined : ticketOf(found);
    },
    async read(ref, signal) {
      const incident = await client.get(ref.id, signal);
      return incident === undefined ? undefined : ticketOf(incident);
    },
    async update(ref, changes, signal) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const incident = takeFresh(ref.id) ?? (await client.get(ref.id, signal));
        if (incident === undefined) throw gone(ref.label);
        const body = mode === "observe" ? undefined : withLabels(incident, changes.tags);
        if (body === undefined) return ticketOf(incident);
        const saved = await client.put(ref.id, body, signal);
        if (saved !== undefined) return ticketOf(saved);
      }
      throw new RetryableError(
        "conflict",
        `Sentinel incident ${ref.label} was saved by others ${ATTEMPTS} times meanwhile`,
      );
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

  function keepFresh(incident: WireIncident): void {
    if (typeof incident.etag !== "string") return;
    const [oldest] = fresh.keys();
    if (fresh.size >= FRESH_KEPT && oldest !== undefined) fresh.delete(oldest);
    fresh.set(incident.name, { incident, readAt: options.clock.now() });
  }

  /** Once: after a conflict it is read anew. */
  function takeFresh(name: string): WireIncident | undefined {
    const kept = fresh.get(name);
    fresh.delete(name);
    return kept !== undefined && options.clock.now() - kept.readAt <= FRESH_MS ? kept.incident : undefined;
  }

  function ticketOf(incident: WireIncident): Ticket {
    return toTicket(incident, assignees, "https://portal.azure.com/");
  }
}
