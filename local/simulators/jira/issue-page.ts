import { escapeHtml, fieldTable, htmlPage, textBlock } from "../http/html.ts";
import { textsOf } from "./check-adf.ts";
import type { Issue } from "./issue-store.ts";

/** An issue for people to look at. */
export function issuePage(issue: Issue): string {
  const comments = issue.comments.map(
    ({ body, by, jsdPublic }) =>
      `<div class="note"><p class="meta">${escapeHtml(by)}${jsdPublic ? "" : " (internal)"}</p>${textBlock(plain(body))}</div>`,
  );
  return htmlPage(
    `${issue.key}: ${String(issue.fields["summary"])}`,
    `<p class="banner">This is a simulator on this machine, not Jira. Nothing here is real.</p>${fieldTable([
      ["Status", issue.status.name],
      ["Resolution", issue.resolution],
      ["Labels", issue.labels.join("\n")],
      ["Links", issue.links.map(({ type, outward }) => `${type}: ${outward}`).join("\n")],
      ["Remote links", [...issue.remoteLinks.values()].map((link) => JSON.stringify(link["object"])).join("\n")],
      ["Description", plain(issue.fields["description"])],
    ])}<h2>Comments</h2>${comments.join("")}`,
  );
}

function plain(body: unknown): string {
  return typeof body === "string" ? body : textsOf(body).join("\n");
}
