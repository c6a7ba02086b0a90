import { assertNever } from "../../assert-never.ts";
import { commentQuery, commentText } from "../neutralise-sentinel.ts";
import { type NotificationSection, fitSections } from "../notification-sections.ts";

/** Longest line about what is missing. */
const MISSING_MAX = 120;

/** Sections as Markdown, at most `max` characters: what does not fit is left out whole, and counted. */
export function sectionsComment(sections: readonly NotificationSection[], max: number): string {
  const rendered = sections.map((section) => ({
    text: `**${section.title}**\n\n${contentOf(section)}`,
    isCuttable: section.kind !== "query",
  }));
  const whole = fitSections(rendered, max);
  if (whole.cut === 0) return whole.text;
  const { text, cut } = fitSections(rendered, max - MISSING_MAX);
  return `${text}\n\n${cut} of ${sections.length} sections cut or left out: too long for a comment. The Defender portal has them.`;
}

function contentOf(section: NotificationSection): string {
  switch (section.kind) {
    case "text":
      return section.paragraphs.map(commentText).join("\n\n");
    case "list": {
      const items = section.items.map((item, index) => `${index + 1}. ${commentText(item).replaceAll("\n", "\n   ")}`);
      return [...(section.intro === "" ? [] : [`${commentText(section.intro)}\n`]), ...items].join("\n");
    }
    case "query":
      return commentQuery(section.query);
    default:
      return assertNever(section);
  }
}
