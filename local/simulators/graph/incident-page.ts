import { escapeHtml, fieldTable, htmlPage, textBlock } from "../http/html.ts";
import type { IncidentRecord } from "./incident-record.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { TaskStore } from "./task-store.ts";
import { formatTicks } from "./ticks.ts";

/** The incident as a person would see it in the portal. Read-only. */
export function incidentPage(record: IncidentRecord, incidents: IncidentStore, tasks: TaskStore): string {
  const { comments, recommendedHuntingQueries, customTags, systemTags, createdTicks, updatedTicks, ...fields } = record;
  const rows = Object.entries(fields).map(([name, value]) => [name, String(value ?? "")] as const);
  const notes = comments.map(
    ({ author, ticks, text }) =>
      `<div class="note"><div class="meta">${escapeHtml(author)}, ${formatTicks(ticks)}</div>${textBlock(text)}</div>`,
  );
  const alerts = incidents.alerts
    .of(record.id)
    .map(
      ({ title, severity, mitreTechniques }) =>
        `<li>${escapeHtml(`${title} (${severity}) ${mitreTechniques.join(", ")}`)}</li>`,
    );
  const actions = tasks
    .of(record.id)
    .map(
      ({ displayName, status, actionStatus }) =>
        `<li>${escapeHtml(`${displayName}: ${status}, action ${actionStatus}`)}</li>`,
    );
  return htmlPage(
    `Incident ${record.id}: ${record.displayName}`,
    `<p class="banner">A simulated Microsoft Defender portal.</p>${fieldTable([
      ["created", formatTicks(createdTicks)],
      ["updated", formatTicks(updatedTicks)],
      ["systemTags", systemTags.join(", ")],
      ["customTags", customTags.join(", ")],
      ["recommendedHuntingQueries", recommendedHuntingQueries.join("\n")],
      ...rows,
    ])}<h2>Managed response</h2><ul>${actions.join("")}</ul><h2>Alerts</h2><ul>${alerts.join("")}</ul><h2>Comments</h2>${notes.join("")}`,
  );
}
