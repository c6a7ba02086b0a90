import { describe, expect, it } from "vitest";
import { adfText, wikiLine, wikiQuery, wikiText } from "../../../shared/connectors/neutralise-jira.ts";
import { commentText } from "../../../shared/connectors/neutralise-sentinel.ts";
import { journalText, plainLine, plainQuery, plainText } from "../../../shared/connectors/neutralise-servicenow.ts";
import {
  visibleLine,
  visibleText,
  withoutHtml,
  withoutLinks,
  withoutMentions,
} from "../../../shared/connectors/neutralise.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import {
  WIKI_REFERENCE,
  formulaIn,
  hiddenIn,
  htmlIn,
  journalMarkIn,
  linkIn,
  markdownIn,
  mentionIn,
  queryIn,
  wikiIn,
} from "./inertness.ts";

type Find = (text: string) => string | undefined;

const wikiHtmlIn: Find = (text) => htmlIn(text.replace(WIKI_REFERENCE, "\u2022"));
const wikiEndIn: Find = (text) => /\{\s*noformat/i.exec(text)?.[0];
const breakIn: Find = (text) => /[\n\t]/.exec(text)?.[0];

/** Every neutraliser of every target, and what must not be found in what it answers. */
const NEUTRALISERS: readonly (readonly [string, (text: string) => string, readonly Find[]])[] = [
  ["visibleText", visibleText, [hiddenIn]],
  ["visibleLine", (text) => visibleLine(text, 200), [hiddenIn, breakIn, formulaIn]],
  ["withoutLinks", withoutLinks, [linkIn]],
  ["withoutMentions", withoutMentions, [mentionIn]],
  ["withoutHtml", withoutHtml, [htmlIn]],
  ["ServiceNow plainText", (text) => plainText(text, 4_000), [hiddenIn, linkIn, mentionIn, journalMarkIn]],
  [
    "ServiceNow plainLine",
    (text) => plainLine(text, 160),
    [hiddenIn, linkIn, mentionIn, journalMarkIn, breakIn, formulaIn],
  ],
  ["ServiceNow plainQuery", (text) => plainQuery(text, 4_000), [hiddenIn, queryIn]],
  ["ServiceNow journalText", journalText, [hiddenIn, linkIn, mentionIn, journalMarkIn, htmlIn]],
  ["Sentinel commentText", commentText, [hiddenIn, linkIn, mentionIn, htmlIn, markdownIn]],
  ["Jira wikiText", wikiText, [hiddenIn, linkIn, mentionIn, wikiHtmlIn, wikiIn]],
  [
    "Jira wikiLine",
    (text) => wikiLine(text, 160),
    [hiddenIn, linkIn, mentionIn, wikiHtmlIn, wikiIn, breakIn, formulaIn],
  ],
  ["Jira wikiQuery", wikiQuery, [hiddenIn, wikiEndIn]],
  ["Jira adfText", adfText, [hiddenIn, linkIn, mentionIn]],
];

describe("hostile texts", () => {
  it("are at least 200, each under its own name, and no two the same", () => {
    expect(HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(200);
    expect(new Set(HOSTILE_TEXTS.map(([name]) => name)).size).toBe(HOSTILE_TEXTS.length);
    expect(new Set(HOSTILE_TEXTS.map(([, text]) => text)).size).toBe(HOSTILE_TEXTS.length);
  });

  it.each(NEUTRALISERS)("are inert after %s", (_name, neutralise, finds) => {
    const live = HOSTILE_TEXTS.flatMap(([name, text]) =>
      finds.flatMap((find) => {
        const found = find(neutralise(text));
        return found === undefined ? [] : [{ name, found, in: neutralise(text).slice(0, 120) }];
      }),
    );
    expect(live).toEqual([]);
  });

  it("are live before: no check is blind", () => {
    const checks = [
      hiddenIn,
      linkIn,
      mentionIn,
      htmlIn,
      journalMarkIn,
      queryIn,
      markdownIn,
      wikiIn,
      wikiEndIn,
      formulaIn,
    ];
    const blind = checks.filter((find) => HOSTILE_TEXTS.every(([, text]) => find(text) === undefined));
    expect(blind).toEqual([]);
  });
});
