import { assertNever } from "../../assert-never.ts";
import type { Note } from "../connector.ts";
import { visibleLine, visibleText } from "../neutralise.ts";
import type { NotificationSection } from "../notification-sections.ts";
import { type Block, RICH_TEXT_MAX, type RichText } from "./blocks.ts";
import { sectionBlocks } from "./section-blocks.ts";

const MARKER = /mdx:([A-Za-z0-9]{16})\b/g;
/** Room for the head of a part. */
const HEAD_MAX = 600;
const PART_MAX = RICH_TEXT_MAX - HEAD_MAX;
/** With a heading before it, still a part. */
const PIECE_MAX = PART_MAX - HEAD_MAX;
/** A line longer than this is parted anywhere but inside a character. */
const LINE_MAX = 4_000;

/**
 * Notes as comments: as few as their lengths allow. Each note begins with a line that ends in its marker; of one that needs several comments
 * only the last part carries it, so that a note of which only a part arrived counts as missing.
 */
export function toComments(notes: readonly Note[], richText: RichText): readonly string[] {
  const parts = notes.flatMap((note) => partsOf(note, richText));
  return together(parts, RICH_TEXT_MAX).map(({ blocks }) => richText.render(blocks));
}

/** Ids of our notes that these comments hold whole. */
export function noteIdsIn(comments: readonly string[]): ReadonlySet<string> {
  return new Set(comments.flatMap((comment) => [...comment.matchAll(MARKER)].map((match) => match[1] ?? "")));
}

/** What stays together, and about how long it becomes. */
interface Piece {
  readonly blocks: readonly Block[];
  readonly length: number;
}

function partsOf(note: Note, richText: RichText): readonly Piece[] {
  const sections = (note.sections ?? []).flatMap((section) => sectionPieces(section, richText));
  const pieces = sections.length > 0 ? sections : textPieces(note.text, richText);
  const author = unmarked(visibleLine(note.author, 100));
  const repeated = note.mayBeRepeated === true ? " (may be here already: an earlier attempt had no answer)" : "";
  const head = `Microsoft Defender XDR, ${author === "" ? "unknown author" : author}, ${unmarked(visibleLine(note.createdAt, 40))}${repeated}`;
  return together(pieces, PART_MAX).map(({ blocks, length }, index, parts) => {
    const number = parts.length === 1 ? "" : ` (part ${index + 1}/${parts.length})`;
    const marker = index === parts.length - 1 ? ` (mdx:${note.id})` : "";
    return {
      blocks: [{ kind: "head", text: `${head}${number}${marker}:` }, ...blocks],
      length: length + HEAD_MAX,
    };
  });
}

/** As few as their lengths allow, in order. */
function together(pieces: readonly Piece[], max: number): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last === undefined || last.length + piece.length > max) joined.push(piece);
    else
      joined[joined.length - 1] = {
        blocks: [...last.blocks, ...piece.blocks],
        length: last.length + piece.length,
      };
  }
  return joined;
}

function textPieces(text: string, richText: RichText): readonly Piece[] {
  return split(clean(text), richText).map((piece) => ({
    blocks: [{ kind: "text", text: piece }],
    length: richText.lengthOf(piece),
  }));
}

/** Whole where it fits into a comment of its own; else in pieces, of which only the first has the title. */
function sectionPieces(section: NotificationSection, richText: RichText): readonly Piece[] {
  const { blocks } = sectionBlocks(unmarkedSection(section));
  const length = richText.render(blocks).length;
  if (length <= PART_MAX) return [{ blocks, length }];
  const kind = section.kind === "query" ? "code" : "text";
  const [heading] = blocks;
  return split(clean(plainText(section)), richText).map((text, index) => ({
    blocks: [...(index === 0 && heading !== undefined ? [heading] : []), { kind, text }],
    length: richText.lengthOf(text) + (index === 0 ? HEAD_MAX : 0),
  }));
}

function plainText(section: NotificationSection): string {
  switch (section.kind) {
    case "text":
      return section.paragraphs.join("\n\n");
    case "list":
      return [section.intro, ...section.items.map((item, index) => `${index + 1}. ${item}`)].join("\n").trim();
    case "query":
      return section.query;
    default:
      return assertNever(section);
  }
}

function unmarkedSection(section: NotificationSection): NotificationSection {
  switch (section.kind) {
    case "text":
      return { ...section, paragraphs: section.paragraphs.map(clean) };
    case "list":
      return { ...section, intro: clean(section.intro), items: section.items.map(clean) };
    case "query":
      return { ...section, query: clean(section.query) };
    default:
      return assertNever(section);
  }
}

/** A marker that is seen only once what hides it is gone is none of ours either. */
function clean(text: string): string {
  return unmarked(visibleText(text));
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
    if (length + lineLength > PIECE_MAX) {
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
