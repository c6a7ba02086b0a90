import { describe, expect, it } from "vitest";
import { sectionsComment } from "../../../../shared/connectors/sentinel/notification-comment.ts";
import { type SentinelMode, toComment, toWanted } from "../../../../shared/connectors/sentinel/mapping.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import type { Projection } from "../../../../shared/incident/projection.ts";
import { aProjection } from "../a-projection.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, htmlIn } from "../inertness.ts";

const query = (text: string): { kind: "query"; title: string; query: string } => ({
  kind: "query",
  title: "Hunting query (KQL)",
  query: text,
});

function wantedIn(projection: Projection, mode: SentinelMode): ReturnType<typeof toWanted> {
  return toWanted(projection, { survivor: undefined }, { mode, assignees: DEFAULT_ASSIGNEE_NAMES, portalHosts: [] });
}

describe("a notification as a comment", () => {
  it("has headings, ordered recommendations, and queries to be copied from blocks of code", () => {
    const comment = sectionsComment(
      [
        { kind: "text", title: "Executive summary", paragraphs: ["<b>One</b>", "[x](https://evil.test)"] },
        { kind: "list", title: "Recommended actions", intro: "Now:", items: ["Isolate *it*.", "Reset.\n- all"] },
        query('T | where A <ago(1h) and U has "https://evil.test" // `x`'),
      ],
      30_000,
    );
    expect(comment).toBe(
      [
        "**Executive summary**",
        "&lt;b>One&lt;/b>",
        String.raw`\[x\](hxxps://evil.test)`,
        "**Recommended actions**",
        "Now:",
        "1. Isolate \\*it\\*.\n2. Reset.\n   \\- all",
        "**Hunting query (KQL)**",
        '```kusto\nT | where A < ago(1h) and U has "https://evil.test" // `x`\n```',
      ].join("\n\n"),
    );
  });

  it.each(HOSTILE_TEXTS)("a query cannot end its block: %s", (_name, hostile) => {
    const comment = sectionsComment([query(`a\n${hostile}\nb`)], 60_000);
    const [fence = ""] = /^`+/m.exec(comment) ?? [];
    expect(fence.length).toBeGreaterThanOrEqual(3);
    expect(comment.split("\n").filter((line) => line.trim().startsWith(fence))).toHaveLength(2);
    expect(comment.endsWith(`\n${fence}`)).toBe(true);
    expect(hiddenIn(comment) ?? htmlIn(comment)).toBeUndefined();
  });

  it("leaves out whole sections where it is too long, and says how many", () => {
    const sections = [query("a"), query("b".repeat(29_990)), query("c".repeat(4_000))];
    const note = { id: "0123456789abcdef", author: "Defender Experts", createdAt: "", text: "", sections };
    const comment = toComment(note);
    expect(comment.length).toBeLessThanOrEqual(30_000);
    expect(comment).toContain("1 of 3 sections cut or left out: too long for a comment.");
    expect(comment).not.toContain("bbb");
    expect(comment).toContain("c".repeat(4_000));
  });

  it("is wanted where we write comments, and only there", () => {
    const notification = {
      readAt: 0,
      foundBy: "title",
      executiveSummary: "One.",
      recommendedActions: "",
      huntingQueries: [],
    } as const;
    const projection = aProjection({ notification });
    expect(wantedIn(projection, "tag").notes).toHaveLength(1);
    expect(wantedIn(projection, "observe").notes).toEqual([]);
    expect(wantedIn(aProjection({}), "tag").notes).toEqual([]);
  });
});
