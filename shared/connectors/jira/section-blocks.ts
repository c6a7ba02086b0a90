import { assertNever } from "../../assert-never.ts";
import { cutText } from "../neutralise.ts";
import type { NotificationSection } from "../notification-sections.ts";
import type { Block } from "./blocks.ts";

/** A section of a notification under its title, and whether all of it is there. */
export interface SectionBlocks {
  readonly blocks: readonly Block[];
  readonly isWhole: boolean;
}

/** Text and list are cut to `max` characters, a list between its items; a query that is longer is left out, for its beginning alone would find something else. */
export function sectionBlocks(section: NotificationSection, max = Number.POSITIVE_INFINITY): SectionBlocks {
  const { blocks, isWhole } = contentOf(section, max);
  const heading: Block = { kind: "heading", text: section.title };
  return { blocks: blocks.length === 0 ? [] : [heading, ...blocks], isWhole };
}

function contentOf(section: NotificationSection, max: number): SectionBlocks {
  switch (section.kind) {
    case "text": {
      const whole = section.paragraphs.join("\n\n");
      return { blocks: textBlocks(cutText(whole, max)), isWhole: whole.length <= max };
    }
    case "list":
      return listBlocks(section, max);
    case "query":
      return section.query.length <= max
        ? { blocks: [{ kind: "code", text: section.query }], isWhole: true }
        : { blocks: [], isWhole: false };
    default:
      return assertNever(section);
  }
}

function listBlocks(section: Extract<NotificationSection, { kind: "list" }>, max: number): SectionBlocks {
  let room = max - section.intro.length;
  const items = section.items.flatMap((item) => {
    const shown = room <= 0 ? "" : cutText(item, room);
    room -= item.length;
    return shown === "" ? [] : [shown];
  });
  const list: readonly Block[] = items.length === 0 ? [] : [{ kind: "list", items }];
  return { blocks: [...textBlocks(cutText(section.intro, max)), ...list], isWhole: room >= 0 };
}

function textBlocks(text: string): readonly Block[] {
  return text === "" ? [] : [{ kind: "text", text }];
}
