import { assertNever } from "../../assert-never.ts";
import { journalQuery, journalText, plainQuery, plainText } from "../neutralise-servicenow.ts";
import type { NotificationSection, RenderedSection } from "../notification-sections.ts";

/** Longer than a field: what is too long for one is left to whoever fits it in. */
const SECTION_MAX = 100_000;

/** How a field of this tool neutralises prose and queries. */
interface Field {
  text(text: string): string;
  query(query: string): string;
}

const PLAIN: Field = {
  text: (text) => plainText(text, SECTION_MAX),
  query: (query) => plainQuery(query, SECTION_MAX),
};
const JOURNAL: Field = { text: journalText, query: journalQuery };

/** For a field of several lines, like `description`. */
export function plainSection(section: NotificationSection): RenderedSection {
  return { text: rendered(section, PLAIN), isCuttable: section.kind !== "query" };
}

/** For an entry of a journal. */
export function journalSection(section: NotificationSection): string {
  return rendered(section, JOURNAL);
}

function rendered(section: NotificationSection, field: Field): string {
  return `== ${section.title} ==\n${contentOf(section, field)}`;
}

function contentOf(section: NotificationSection, field: Field): string {
  switch (section.kind) {
    case "text":
      return section.paragraphs.map((paragraph) => field.text(paragraph)).join("\n\n");
    case "list": {
      const items = section.items.map((item, index) => `${index + 1}. ${field.text(item).replaceAll("\n", "\n   ")}`);
      return [...(section.intro === "" ? [] : [field.text(section.intro)]), ...items].join("\n");
    }
    case "query":
      return field.query(section.query);
    default:
      return assertNever(section);
  }
}
