import { isObject } from "../http/message.ts";

/** What each node may hold. Source: Atlassian Document Format, structure. "inline" stands for text and breaks. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  doc: ["paragraph", "heading", "table", "codeBlock", "bulletList", "orderedList", "rule", "panel", "blockquote"],
  paragraph: ["text", "hardBreak", "emoji", "mention", "inlineCard"],
  heading: ["text", "hardBreak", "emoji", "mention", "inlineCard"],
  codeBlock: ["text"],
  table: ["tableRow"],
  tableRow: ["tableHeader", "tableCell"],
  tableHeader: ["paragraph", "heading", "codeBlock", "bulletList", "orderedList", "rule", "panel"],
  tableCell: ["paragraph", "heading", "codeBlock", "bulletList", "orderedList", "rule", "panel"],
  bulletList: ["listItem"],
  orderedList: ["listItem"],
  listItem: ["paragraph", "bulletList", "orderedList", "codeBlock"],
  panel: ["paragraph", "heading", "bulletList", "orderedList"],
  blockquote: ["paragraph"],
};
/** These may not be empty. */
const FILLED = ["table", "tableRow", "tableHeader", "tableCell", "bulletList", "orderedList", "listItem"];
const LEAVES = ["text", "hardBreak", "rule", "emoji", "mention", "inlineCard"];
const MARKS = ["strong", "em", "code", "link", "strike", "underline", "subsup", "textColor"];

/** True where a value is a document Jira takes. */
export function isDocument(value: unknown): boolean {
  return isObject(value) && value["type"] === "doc" && value["version"] === 1 && isNode(value);
}

/** The text of a document, each text node on a line of its own. */
export function textsOf(value: unknown): readonly string[] {
  if (!isObject(value)) return [];
  const own = typeof value["text"] === "string" ? [value["text"]] : [];
  const content = Array.isArray(value["content"]) ? (value["content"] as readonly unknown[]) : [];
  return [...own, ...content.flatMap(textsOf)];
}

function isNode(value: unknown): boolean {
  if (!isObject(value) || typeof value["type"] !== "string") return false;
  const { type, content, text } = value;
  if (type === "text") return typeof text === "string" && text !== "" && hasGoodMarks(value);
  if (LEAVES.includes(type)) return content === undefined;
  const allowed = CHILDREN[type];
  if (allowed === undefined || text !== undefined) return false;
  if (type === "heading" && !isLevel(value["attrs"])) return false;
  const children = content ?? [];
  if (!Array.isArray(children) || (FILLED.includes(type) && children.length === 0)) return false;
  if (type === "doc" && content === undefined) return false;
  const isMarked = type === "codeBlock" && children.some((child) => isObject(child) && child["marks"] !== undefined);
  return (
    !isMarked && children.every((child) => isObject(child) && allowed.includes(String(child["type"])) && isNode(child))
  );
}

function isLevel(attrs: unknown): boolean {
  return isObject(attrs) && [1, 2, 3, 4, 5, 6].some((level) => level === attrs["level"]);
}

function hasGoodMarks({ marks }: Readonly<Record<string, unknown>>): boolean {
  if (marks === undefined) return true;
  if (!Array.isArray(marks)) return false;
  return marks.every((mark) => {
    if (!isObject(mark) || !MARKS.includes(String(mark["type"]))) return false;
    return mark["type"] !== "link" || (isObject(mark["attrs"]) && typeof mark["attrs"]["href"] === "string");
  });
}
