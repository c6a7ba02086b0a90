import { createHash } from "node:crypto";
import type { PermanentError } from "../../errors.ts";
import { journalText } from "../neutralise-servicenow.ts";
import type { ServiceNowClient } from "./client.ts";
import type { Row } from "./line.ts";
import { noteIdsIn } from "./work-notes.ts";

/** What goes with the state, and would be refused with it. */
const STATUS_FIELDS = new Set(["state", "close_code", "close_notes"]);

/** Never what the customer sees, wherever the incident's comments go: it asks the SOC, and quotes the instance's own words. */
const NOTES = "work_notes";

/**
 * A process definition may refuse that a state is left out. Then everything else is written, and one work note says what the state should
 * be: people move the record through what lies between. Throws the refusal where it was not the state's.
 */
export async function writeWithoutState(options: {
  readonly client: ServiceNowClient;
  readonly sysId: string;
  readonly values: Row;
  readonly refusal: PermanentError;
  readonly signal: AbortSignal;
}): Promise<Row> {
  const { client, sysId, values, refusal, signal } = options;
  const current = await client.get(sysId, signal);
  if (current === undefined || values["state"] === undefined || current["state"] === values["state"]) throw refusal;
  const rest = withoutState(values);
  const isEmpty = Object.keys(rest).length === 0;
  const written = isEmpty ? current : await client.patch(sysId, rest, signal);
  const id = noteId([sysId, current["state"] ?? "", values["state"], values["close_notes"] ?? ""]);
  const entries = await client.journal(sysId, NOTES, signal);
  if (entries !== undefined && noteIdsIn(entries).has(id)) return written;
  const note = refusedNote(id, current["state"] ?? "", values, refusal);
  return client.patch(sysId, { [NOTES]: note }, signal);
}

/** The same for a record that is not there yet: one write, which says so itself. */
export function createdWithoutState(values: Row, refusal: PermanentError): Row {
  const { state = "" } = values;
  const id = noteId([values["correlation_id"] ?? "", state]);
  return { ...withoutState(values), [NOTES]: refusedNote(id, "", values, refusal) };
}

function withoutState(values: Row): Row {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !STATUS_FIELDS.has(name)));
}

function refusedNote(id: string, from: string, values: Row, refusal: PermanentError): string {
  const { state = "", close_code: code = "", close_notes: notes = "" } = values;
  return [
    `[mdx:${id}] Microsoft Defender XDR: this record should be in state ${state}, but ServiceNow does not let it go there${from === "" ? "" : ` from ${from}`}. Please move it; everything else is written.`,
    journalText(refusal.message.slice(0, 500)),
    ...(code === "" ? [] : [`Close code: ${journalText(code)}`]),
    ...(notes === "" ? [] : [`Close notes:\n${journalText(notes.slice(0, 2_000))}`]),
  ].join("\n");
}

function noteId(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
