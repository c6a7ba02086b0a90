import type { Note } from "../connector.ts";
import { visibleLine } from "../neutralise.ts";
import { journalText } from "../neutralise-servicenow.ts";
import { journalSection } from "./notification-text.ts";

/** Longest entry of a journal field, characters. */
const ENTRY_MAX = 4_000;
const GAP = "\n\n";
const MARKER = /\[mdx:([A-Za-z0-9]{16})\]/g;

/**
 * Notes as journal entries: as few as their lengths allow. Each note begins with its marker; of one that needs several entries only the last part
 * carries it, so that a note of which only a part arrived counts as missing.
 */
export function toWorkNotes(notes: readonly Note[]): readonly string[] {
  return together(notes.flatMap(piecesOf), ENTRY_MAX);
}

/** Ids of our notes that these entries hold whole. */
export function noteIdsIn(entries: readonly string[]): ReadonlySet<string> {
  return new Set(entries.flatMap((entry) => [...entry.matchAll(MARKER)].map((match) => match[1] ?? "")));
}

function piecesOf(note: Note): readonly string[] {
  const head = headOf(note);
  const texts = note.sections?.map(journalSection) ?? [journalText(note.text)];
  const whole = `[mdx:${note.id}] ${head}\n${texts.join(GAP)}`;
  if (whole.length <= ENTRY_MAX) return [whole];
  // Room for the longest marker and part number beside the head.
  const length = ENTRY_MAX - head.length - 80;
  const parts = together(
    texts.flatMap((text) => split(text, length)),
    length,
  );
  return parts.map((part, index) => {
    const number = `${index + 1}/${parts.length}`;
    const marker = index === parts.length - 1 ? `[mdx:${note.id}]` : `[mdx:${note.id} ${number}]`;
    return `${marker} ${head} (part ${number})\n${part}`;
  });
}

/** As few as their lengths allow, in order; each stays whole. */
function together(texts: readonly string[], length: number): readonly string[] {
  const joined: string[] = [];
  for (const text of texts) {
    const last = joined.at(-1);
    if (last !== undefined && last.length + GAP.length + text.length <= length)
      joined[joined.length - 1] = last + GAP + text;
    else joined.push(text);
  }
  return joined;
}

function headOf(note: Note): string {
  const author = journalText(visibleLine(note.author, 100));
  const repeated = note.mayBeRepeated === true ? " (may be here already: an earlier attempt had no answer)" : "";
  return `Microsoft Defender XDR, ${author === "" ? "unknown author" : author}, ${journalText(visibleLine(note.createdAt, 40))}${repeated}:`;
}

/** At line ends where there is one in the last part of a piece, else anywhere but inside a character. */
function split(text: string, length: number): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > length) {
    const lineEnd = text.lastIndexOf("\n", from + length);
    const isNear = lineEnd > from + length * 0.8;
    const end = isNear ? lineEnd : wholeCharacterEnd(text, from + length);
    parts.push(text.slice(from, end));
    from = isNear ? end + 1 : end;
  }
  return [...parts, text.slice(from)];
}

function wholeCharacterEnd(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
