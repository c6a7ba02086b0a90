import type { Projection } from "../incident/projection.ts";
import { cutText, visibleText } from "./neutralise.ts";

/**
 * A part of a Defender Experts Notification under a title of ours. Its texts are visible (see `neutralise.ts`) and else as others wrote them: a
 * connector neutralises them for its tool. A query is to be copied and run.
 */
export type NotificationSection =
  | { readonly kind: "text"; readonly title: string; readonly paragraphs: readonly string[] }
  /** `intro` is "" where the list begins at once. The order is the experts'. An item may have lines of its own. */
  | { readonly kind: "list"; readonly title: string; readonly intro: string; readonly items: readonly string[] }
  | { readonly kind: "query"; readonly title: string; readonly query: string };

/** Summary, recommendations, and each query by itself; none where it has no text, or is no notification. */
export function notificationSections({ notification }: Projection): readonly NotificationSection[] {
  if (notification === undefined) return [];
  const paragraphs = paragraphsOf(visibleText(notification.executiveSummary));
  const list = listOf(visibleText(notification.recommendedActions));
  const queries = notification.huntingQueries.map((query) => visibleText(query)).filter((query) => query !== "");
  return [
    ...(paragraphs.length === 0 ? [] : [{ kind: "text", title: "Executive summary", paragraphs } as const]),
    ...(list.items.length === 0 ? [] : [{ kind: "list", title: "Recommended actions", ...list } as const]),
    ...queries.map((query, index) => ({ kind: "query", title: queryTitle(index, queries.length), query }) as const),
  ];
}

/** A section as a tool's text, and whether a part of it is better than nothing. */
export interface RenderedSection {
  readonly text: string;
  readonly isCuttable: boolean;
}

const GAP = "\n\n";

/**
 * What of these fits into `max` characters, in their order: whole ones, but of the first its beginning where it is too long. `cut` counts what
 * is shortened or left out.
 */
export function fitSections(
  sections: readonly RenderedSection[],
  max: number,
): { readonly text: string; readonly cut: number } {
  const [first, ...rest] = sections;
  if (first === undefined) return { text: "", cut: 0 };
  const share = Math.min(first.text.length, Math.floor(max / 2));
  let room = max - share;
  const kept = rest.filter(({ text }) => {
    const isFitting = text.length + GAP.length <= room;
    if (isFitting) room -= text.length + GAP.length;
    return isFitting;
  });
  const isWhole = first.text.length <= share + room;
  const head = isWhole || first.isCuttable ? [cutText(first.text, share + room)] : [];
  return {
    text: [...head, ...kept.map(({ text }) => text)].join(GAP),
    cut: sections.length - kept.length - (isWhole ? 1 : 0),
  };
}

function queryTitle(index: number, count: number): string {
  return count === 1 ? "Hunting query (KQL)" : `Hunting query ${index + 1} of ${count} (KQL)`;
}

function paragraphsOf(text: string): readonly string[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
}

/** The items of a list as people write one: numbered, with signs before them, or a line each. What belongs to an item stays with it. */
function listOf(text: string): { readonly intro: string; readonly items: readonly string[] } {
  const lines = text.split("\n");
  const first = lines.map(markOf).find((mark) => mark !== undefined);
  if (first === undefined) {
    const paragraphs = paragraphsOf(text);
    return { intro: "", items: paragraphs.length > 1 ? paragraphs : paragraphs.flatMap((line) => line.split("\n")) };
  }
  const intro: string[] = [];
  const items: string[] = [];
  for (const line of lines) {
    const mark = markOf(line);
    const isItem = mark !== undefined && mark.isNumber === first.isNumber && mark.indent <= first.indent;
    if (isItem) items.push(mark.rest);
    else if (items.length === 0) intro.push(line);
    else items[items.length - 1] += `\n${line}`;
  }
  return { intro: intro.join("\n").trim(), items: items.map((item) => item.trim()).filter((item) => item !== "") };
}

interface Mark {
  readonly isNumber: boolean;
  readonly indent: number;
  readonly rest: string;
}

function markOf(line: string): Mark | undefined {
  const [all, indent = "", mark = ""] = /^([ \t]*)(\d{1,3}[.)]|[-*•–])[ \t]+/u.exec(line) ?? [];
  if (all === undefined) return undefined;
  return { isNumber: /^\d/.test(mark), indent: indent.length, rest: line.slice(all.length) };
}
