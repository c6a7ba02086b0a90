import type { Note } from "../connector.ts";
import { visibleLine, visibleText } from "../neutralise.ts";
import { type Block, RICH_TEXT_MAX, type RichText } from "./blocks.ts";

const MARKER = /mdx:([A-Za-z0-9]{16})\b/g;
/** Room for the head of a part. */
const HEAD_MAX = 600;
/** A line longer than this is parted anywhere but inside a character. */
const LINE_MAX = 4_000;

/**
 * Notes as comments: as few as their lengths allow. Each note begins with a line that ends in its marker; of one that needs several comments
 * only the last part carries it, so that a note of which only a part arrived counts as missing.
 */
export function toComments(notes: readonly Note[], richText: RichText): readonly string[] {
  const comments: Block[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const part of notes.flatMap((note) => partsOf(note, richText))) {
    const partLength = richText.lengthOf(part.text) + HEAD_MAX;
    if (length + partLength > RICH_TEXT_MAX) {
      comments.push([]);
      length = 0;
    }
    length += partLength;
    comments.at(-1)?.push({ kind: "head", text: part.head }, { kind: "text", text: part.text });
  }
  return comments.map((blocks) => richText.render(blocks));
}

/** Ids of our notes that these comments hold whole. */
export function noteIdsIn(comments: readonly string[]): ReadonlySet<string> {
  return new Set(comments.flatMap((comment) => [...comment.matchAll(MARKER)].map((match) => match[1] ?? "")));
}

interface Part {
  readonly head: string;
  readonly text: string;
}

function partsOf(note: Note, richText: RichText): readonly Part[] {
  const texts = split(unmarked(visibleText(note.text)), richText);
  const author = unmarked(visibleLine(note.author, 100));
  const repeated = note.mayBeRepeated === true ? " (may be here already: an earlier attempt had no answer)" : "";
  const head = `Microsoft Defender XDR, ${author === "" ? "unknown author" : author}, ${unmarked(visibleLine(note.createdAt, 40))}${repeated}`;
  return texts.map((text, index) => {
    const number = texts.length === 1 ? "" : ` (part ${index + 1}/${texts.length})`;
    const marker = index === texts.length - 1 ? ` (mdx:${note.id})` : "";
    return { head: `${head}${number}${marker}:`, text };
  });
}

/** Only we may set a marker. */
function unmarked(text: string): string {
  return text.replace(/(mdx\s*):/gi, "$1\u{FF1A}");
}

/** At line ends, each piece so long that it fits into a comment of its own. */
function split(text: string, richText: RichText): readonly string[] {
  const pieces: string[][] = [[]];
  let length = 0;
  for (const line of text.split("\n").flatMap(chopped)) {
    const lineLength = richText.lengthOf(line);
    if (length + lineLength > RICH_TEXT_MAX - 2 * HEAD_MAX) {
      pieces.push([]);
      length = 0;
    }
    length += lineLength;
    pieces.at(-1)?.push(line);
  }
  return pieces.map((lines) => lines.join("\n"));
}

function chopped(line: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  while (line.length - from > LINE_MAX) {
    const last = line.charCodeAt(from + LINE_MAX - 1);
    const end = from + LINE_MAX - (last >= 0xd800 && last <= 0xdbff ? 1 : 0);
    pieces.push(line.slice(from, end));
    from = end;
  }
  return [...pieces, line.slice(from)];
}
