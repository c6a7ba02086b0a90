import { escapeHtml, fieldTable, htmlPage, textBlock } from "../http/html.ts";
import { type SentinelIncident, sentinelTime } from "./sentinel-record.ts";
import type { SentinelStore } from "./sentinel-store.ts";

/** The incident as a person would see it. Read-only. */
export function sentinelPage(incident: SentinelIncident, store: SentinelStore): string {
  const comments = [...store.children(incident.name, "comments").values()].map(
    ({ createdMs, properties }) =>
      `<div class="note"><div class="meta">${sentinelTime(createdMs)}</div>${textBlock(properties["message"] ?? "")}</div>`,
  );
  const tasks = [...store.children(incident.name, "tasks").values()].map(
    ({ properties }) =>
      `<li>${escapeHtml(`${properties["status"]}: ${properties["title"]}`)}<br>${textBlock(properties["description"] ?? "")}</li>`,
  );
  return htmlPage(
    `Sentinel incident ${incident.number}: ${incident.title}`,
    `<p class="banner">A simulated Microsoft Sentinel.</p>${fieldTable([
      ["status", incident.status],
      ["severity", incident.severity],
      ["owner", incident.owner.assignedTo ?? "Unassigned"],
      ["labels", incident.labels.map(({ labelName, labelType }) => `${labelName} (${labelType})`).join("\n")],
      [
        "classification",
        [incident.classification, incident.classificationReason].filter((part) => part !== undefined).join(" - "),
      ],
      ["classificationComment", incident.classificationComment ?? ""],
      ["description", incident.description],
      ["provider", `${incident.providerName} ${incident.providerIncidentId}`],
      ["tactics", incident.tactics.join(", ")],
      ["created", sentinelTime(incident.createdMs)],
      ["lastModified", sentinelTime(incident.modifiedMs)],
      ["etag", incident.etag],
    ])}<h2>Tasks</h2><ul>${tasks.join("")}</ul><h2>Comments</h2>${comments.join("")}`,
  );
}
