import { wikiLine, wikiQuery, wikiText } from "../neutralise-jira.ts";
import { type Block, CELL_MAX, type RichText } from "./blocks.ts";

const LINE_MAX = 1_000;

/** Jira Data Center: wiki markup, a string. */
export const WIKI: RichText = {
  render: (blocks) => blocks.map(toMarkup).join("\n\n").trim(),
  lengthOf: (text) => wikiText(text).length + 2,
  toWire: (value) => value,
  fromWire: (wire) => (typeof wire === "string" ? wire.replaceAll("\r\n", "\n").trim() : ""),
};

function toMarkup(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `h3. ${line(block.text)}`;
    case "text":
      return wikiText(block.text);
    case "head":
      return line(block.text);
    case "link":
      return `[${line(block.text)}|${block.url}]`;
    case "table":
      return [
        `||${block.columns.map(cell).join("||")}||`,
        ...block.rows.map((cells) => `|${cells.map(cell).join("|")}|`),
      ].join("\n");
    case "list":
      return block.items
        .map(item)
        .filter((text) => text !== "")
        .map((text) => `# ${text}`)
        .join("\n");
    case "code":
      return `{noformat}\n${wikiQuery(block.text)}\n{noformat}`;
    default:
      return block satisfies never;
  }
}

function line(text: string): string {
  return wikiLine(text, LINE_MAX);
}

/** A blank line would end the list, and the next item begin another one at 1. */
function item(text: string): string {
  return wikiText(text).replace(/\n[^\S\n]*(?=\n)/g, "");
}

/** A cell without anything in it would make the row another one. */
function cell(text: string): string {
  const shown = wikiLine(text, CELL_MAX);
  return shown === "" ? " " : shown;
}
