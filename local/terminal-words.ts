import type { LogFields } from "../shared/pipeline/ports/log.ts";

type Words = (fields: LogFields) => string;

/** What people read most, as sentences; everything else as its message and fields. */
const SENTENCES: Readonly<Record<string, Words>> = {
  "a copy is scheduled": waits,
  "a copy is scheduled; the state could not be read": waits,
  "a copy is scheduled; the work could not begin": waits,
  "work parked": (fields) =>
    `${field(fields, "connector")}: incident ${field(fields, "incidentId")} is parked (${field(fields, "reason")}); the page shows why`,
  "poll failed": (fields) =>
    `Defender could not be read for tenant ${field(fields, "tenantId")}: ${field(fields, "error")}`,
  "functions host": (fields) => `functions host: ${field(fields, "text")}`,
};

/** One line of the log in words, and below it what a person can do where that is known. */
export function terminalWords(message: string, fields: LogFields = {}): string {
  const sentence = Object.hasOwn(SENTENCES, message) ? SENTENCES[message] : undefined;
  const text = sentence === undefined ? `${message} ${listed(fields)}`.trimEnd() : sentence(fields);
  const mend = fields["mend"] ?? "";
  return mend === "" ? text : `${text}\n  mend: ${printable(String(mend))}`;
}

function waits(fields: LogFields): string {
  const reason = fields["reason"] === undefined ? "" : ` (${field(fields, "reason")})`;
  const again = `it is tried again ${soon(Number(fields["dueInMs"]))}`;
  return `${field(fields, "connector")}: incident ${field(fields, "incidentId")} waits${reason}, ${again}: ${field(fields, "error")}`;
}

/** `in 1 s`, `in 54 s`, `in 15 min`, `in 2 h`. */
function soon(ms: number): string {
  if (!Number.isFinite(ms)) return "later";
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 90) return `in ${seconds} s`;
  return seconds < 90 * 60 ? `in ${Math.round(seconds / 60)} min` : `in ${Math.round(seconds / 3_600)} h`;
}

function listed(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([name, value]) => value !== undefined && name !== "stack" && name !== "mend")
    .map(([name, value]) => `${name}=${printable(String(value))}`)
    .join(" ");
}

function field(fields: LogFields, name: string): string {
  return printable(String(fields[name] ?? "?"));
}

const LINE_MAX = 300;

/** Nothing in a field can move the cursor or start a line. */
export function printable(text: string, most = LINE_MAX): string {
  return text.replace(/\p{C}/gu, " ").slice(0, most);
}
