import type { Projection } from "../incident/projection.ts";
import type { WantedNote } from "./connector.ts";
import { notificationSections } from "./notification-sections.ts";

/** The whole Defender Experts Notification as a note, for a tool whose fields cannot hold it. None where there is none, or it has no text. */
export function notificationNotes(projection: Projection): readonly WantedNote[] {
  const { notification } = projection;
  const sections = notificationSections(projection);
  if (notification === undefined || sections.length === 0) return [];
  const { executiveSummary, recommendedActions, huntingQueries } = notification;
  return [
    {
      madeOf: ["notification", executiveSummary, recommendedActions, ...huntingQueries],
      author: "Defender Experts",
      createdAt: projection.createdAt,
      text: [executiveSummary, recommendedActions, ...huntingQueries].join("\n\n"),
      sections,
    },
  ];
}
