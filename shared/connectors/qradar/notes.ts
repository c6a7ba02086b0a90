import type { Note } from "../connector.ts";
import { visibleLine } from "../neutralise.ts";
import { noteText } from "../neutralise-qradar.ts";

/** A note travels in the address: with all of it percent-encoded it stays below what servers take of one (8 kB). */
const ENCODED_MAX = 5_000;
const CHARACTERS_MAX = 1_500;
const MARKER = /\[mdx:([A-Za-z0-9]{16})\]/g;

/** A note as the notes of an offense: as few as its length allows. The last one alone has the marker, so that one of which only a part arrived counts as missing. */
export function toOffenseNotes(note: Note): readonly string[] {
  const author = noteText(visibleLine(note.author, 100));
  const repeated = note.mayBeRepeated === true ? " (may be here already: an earlier attempt had no answer)" : "";
  const head = `Microsoft Defender XDR, ${author === "" ? "unknown author" : author}, ${noteText(visibleLine(note.createdAt, 40))}${repeated}:`;
  const parts = split(noteText(note.text));
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    const number = parts.length === 1 ? "" : ` (part ${index + 1}/${parts.length})`;
    return `${isLast ? `[mdx:${note.id}]` : `[mdx:${note.id} ${index + 1}/${parts.length}]`} ${head}${number}\n${part}`;
  });
}

/** Ids of our notes that these hold whole. */
export function noteIdsIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(MARKER)].map((match) => match[1] ?? "")));
}

function split(text: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let encoded = 0;
  for (const character of text) {
    const length = encodeURIComponent(character).length;
    if (part.length + character.length > CHARACTERS_MAX || encoded + length > ENCODED_MAX) {
      parts.push(part);
      part = "";
      encoded = 0;
    }
    part += character;
    encoded += length;
  }
  return [...parts, part];
}
