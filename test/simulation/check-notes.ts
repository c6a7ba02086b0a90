import type { Oracle, Place } from "./oracle.ts";
import { type SourceIncident, newestOf } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";

const MAYBE_REPEATED = "may be here already";

/** Each remark of the incident is there, and once where it can be read back. */
export function checkNotes(
  oracle: Oracle,
  place: Place,
  incident: SourceIncident,
  record: TicketRecord,
  { isReadable, isMissed }: { readonly isReadable: boolean; readonly isMissed: boolean },
): void {
  const entries = record.notes.filter((note) => note.writer === "product").map((note) => note.text);
  for (const { text } of newestOf(incident).comments) {
    const pieces = entries.flatMap((entry) => piecesWith(entry, text));
    const unmarked = pieces.filter((piece) => !piece.includes(MAYBE_REPEATED)).length;
    if (pieces.length > 1 && (isReadable || unmarked > 1))
      oracle.report("comment twice", place, incident.id, `${record.number} has "${text}" ${pieces.length} times`);
    if (pieces.length === 0 && isMissed)
      oracle.report("comment missing", place, incident.id, `${record.number} lacks "${text}"`);
  }
}

/** Several remarks may stand in one entry, a blank line between them. */
function piecesWith(entry: string, text: string): readonly string[] {
  return entry.split(/\n\n(?=\[mdx:|Microsoft Defender XDR, )/).filter((piece) => piece.includes(text));
}
