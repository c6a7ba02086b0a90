/** An Atlassian document's node, as the official schema has it. */
interface Node {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly content?: readonly Node[];
  readonly marks?: readonly { readonly type?: unknown }[];
}

const NODES = ["doc", "paragraph", "heading", "table", "tableRow", "tableHeader", "tableCell", "codeBlock", "text"];
const OTHER_NODES = ["hardBreak", "bulletList", "listItem", "rule"];
const MARKS = ["link", "strong", "code"];
const TEXT_MAX = 32_767;

/** Why Jira refuses this rich text; undefined where it takes it. Cloud takes documents, Data Center strings of markup. */
export function richTextProblem(wire: unknown, flavor: "cloud" | "dataCenter"): string | undefined {
  const isDocument = typeof wire === "object" && wire !== null;
  if (isDocument !== (flavor === "cloud")) return isDocument ? "must be a string" : "must be an Atlassian Document";
  if (isDocument && ((wire as Node).type !== "doc" || !isValid(wire))) return "INVALID_INPUT";
  return plainText(wire).length > TEXT_MAX ? "CONTENT_LIMIT_EXCEEDED" : undefined;
}

/** A text without a character is refused with all that stands beside it. */
function isValid(node: Node): boolean {
  if (typeof node.type !== "string" || ![...NODES, ...OTHER_NODES].includes(node.type)) return false;
  if (node.type === "text" && (typeof node.text !== "string" || node.text === "")) return false;
  const marks = node.marks ?? [];
  return (
    marks.every(({ type }) => typeof type === "string" && MARKS.includes(type)) && (node.content ?? []).every(isValid)
  );
}

/** What people read: a paragraph a block, a row of a table a line, its cells parted by a colon. */
export function plainText(wire: unknown): string {
  if (typeof wire === "string") return wire.split("\n").map(markupLine).join("\n");
  return typeof wire === "object" && wire !== null ? nodeText(wire) : "";
}

function nodeText(node: Node): string {
  const parts = (node.content ?? []).map(nodeText);
  switch (node.type) {
    case "text":
      return String(node.text);
    case "hardBreak":
      return "\n";
    case "doc":
      return parts.join("\n\n");
    case "table":
      return parts.join("\n");
    case "tableRow":
      return parts.join(": ");
    default:
      return parts.join("");
  }
}

function markupLine(line: string): string {
  const shown = line.startsWith("|")
    ? line
        .split(/\|+/)
        .filter((cell) => cell !== "")
        .join(": ")
    : line;
  return shown
    .replaceAll(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/\\([^A-Za-z0-9\s])/g, "$1");
}

/** What a person typed, as the flavor keeps it. */
export function richTextOf(text: string, flavor: "cloud" | "dataCenter"): unknown {
  if (flavor === "dataCenter") return text;
  return { version: 1, type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text }] }] };
}
