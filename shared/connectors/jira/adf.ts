import { visibleLine, visibleText } from "../neutralise.ts";
import { adfText } from "../neutralise-jira.ts";
import { type Block, CELL_MAX, type RichText } from "./blocks.ts";

/** A node of an Atlassian document. */
interface AdfNode {
  readonly type: string;
  readonly version?: number;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly AdfNode[];
  readonly text?: string;
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> }[];
}

/** Longest overhead of a line: a text node and the break before it. */
const LINE_OVERHEAD = 60;
/** Attributes that say something; the others are layout that Jira adds. */
const KEPT_ATTRS: Readonly<Record<string, readonly string[]>> = {
  heading: ["level"],
  codeBlock: ["language"],
  link: ["href"],
};
const DEPTH_MAX = 20;

/** Jira Cloud: Atlassian Document Format, compared without what Jira adds to it. */
export const ADF: RichText = {
  render: (blocks) => JSON.stringify({ version: 1, type: "doc", content: blocks.flatMap(toNodes) }),
  lengthOf: (text) => JSON.stringify(text).length + LINE_OVERHEAD * text.split("\n").length,
  toWire: (value) => (value === "" ? null : (JSON.parse(value) as unknown)),
  fromWire(wire) {
    if (!isNode(wire)) return "";
    return JSON.stringify({ version: 1, type: "doc", content: (canonical(wire, 0).content ?? []).filter(isSaying) });
  },
};

function toNodes(block: Block): readonly AdfNode[] {
  switch (block.kind) {
    case "heading":
      return [{ type: "heading", attrs: { level: 3 }, content: inline(adfText(block.text)) }];
    case "text":
      return paragraphs(adfText(block.text));
    case "head":
      return strongLine(adfText(block.text));
    case "link":
      return [paragraph([{ type: "text", text: block.text, marks: [{ type: "link", attrs: { href: block.url } }] }])];
    case "table":
      return [{ type: "table", content: [row("tableHeader", block.columns), ...block.rows.map(bodyRow)] }];
    case "list":
      return orderedList(block.items);
    case "code":
      return [{ type: "codeBlock", content: inline(visibleText(block.text)) }];
    default:
      return block satisfies never;
  }
}

/** An empty list is refused, and so is an empty item. */
function orderedList(items: readonly string[]): readonly AdfNode[] {
  const content = items.flatMap((item) => {
    const lines = paragraphs(adfText(item));
    return lines.length === 0 ? [] : [{ type: "listItem", content: lines }];
  });
  return content.length === 0 ? [] : [{ type: "orderedList", content }];
}

/** Nothing where no text is left: an empty text node is refused, with all that stands beside it. */
function strongLine(text: string): readonly AdfNode[] {
  return text === "" ? [] : [paragraph([{ type: "text", text, marks: [{ type: "strong" }] }])];
}

function bodyRow(cells: readonly string[]): AdfNode {
  return row("tableCell", cells);
}

function row(type: "tableHeader" | "tableCell", cells: readonly string[]): AdfNode {
  return {
    type: "tableRow",
    content: cells.map((text) => ({ type, content: [paragraph(inline(adfText(visibleLine(text, CELL_MAX))))] })),
  };
}

/** A blank line parts paragraphs; other line ends are kept as breaks. */
function paragraphs(text: string): readonly AdfNode[] {
  return text
    .split(/\n[ \t]*\n+/)
    .filter((part) => part.trim() !== "")
    .map((part) =>
      paragraph(part.split("\n").flatMap((line, index) => [...(index === 0 ? [] : [BREAK]), ...inline(line)])),
    );
}

const BREAK: AdfNode = { type: "hardBreak" };

function paragraph(content: readonly AdfNode[]): AdfNode {
  return { type: "paragraph", content };
}

/** An empty text node is refused. */
function inline(text: string): readonly AdfNode[] {
  return text === "" ? [] : [{ type: "text", text }];
}

/** Known members in the order in which they are rendered, layout left out, neighbouring texts of the same marks as one. */
function canonical(node: AdfNode, depth: number): AdfNode {
  const attrs = keptAttrs(node.type, node.attrs);
  const marks = (node.marks ?? []).map((mark) => ({ type: mark.type, ...keptAttrs(mark.type, mark.attrs) }));
  const content = depth < DEPTH_MAX && Array.isArray(node.content) ? node.content.filter(isNode) : undefined;
  return {
    type: node.type,
    ...attrs,
    ...(content === undefined ? {} : { content: joined(content.map((child) => canonical(child, depth + 1))) }),
    ...(node.text === undefined ? {} : { text: node.text }),
    ...(marks.length === 0 ? {} : { marks }),
  };
}

function joined(nodes: readonly AdfNode[]): readonly AdfNode[] {
  const merged: AdfNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    const isSame =
      last?.text !== undefined && node.text !== undefined && JSON.stringify(last.marks) === JSON.stringify(node.marks);
    if (isSame) merged[merged.length - 1] = { ...last, text: `${last.text}${node.text}` };
    else merged.push(node);
  }
  return merged;
}

function keptAttrs(
  type: string,
  attrs: Readonly<Record<string, unknown>> | undefined,
): { readonly attrs?: Readonly<Record<string, unknown>> } {
  const kept = (KEPT_ATTRS[type] ?? []).flatMap((name) => (attrs?.[name] === undefined ? [] : [[name, attrs[name]]]));
  return kept.length === 0 ? {} : { attrs: Object.fromEntries(kept) as Readonly<Record<string, unknown>> };
}

/** An empty paragraph at the end is the editor's. */
function isSaying(node: AdfNode, index: number, all: readonly AdfNode[]): boolean {
  return index < all.length - 1 || node.type !== "paragraph" || (node.content ?? []).length > 0;
}

function isNode(value: unknown): value is AdfNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
