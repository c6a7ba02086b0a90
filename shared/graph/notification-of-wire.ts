import type { NotificationText } from "../pipeline/ports/source.ts";
import { cut } from "./cut.ts";
import type { WireIncident } from "./schema.ts";

const TEXT_MAX = 16_000;
const QUERIES_KEPT = 10;
const QUERY_MAX = 4_000;

/** The parts of a Defender Experts Notification. Source: "Access Defender Experts Notifications by Graph API": the description is the executive summary. */
export function notificationTextOf(wire: WireIncident): NotificationText {
  return {
    executiveSummary: cut(wire.description, TEXT_MAX),
    recommendedActions: cut(wire.recommendedActions, TEXT_MAX),
    huntingQueries: (wire.recommendedHuntingQueries ?? [])
      .map((query) => cut(query.kqlText, QUERY_MAX))
      .filter((text) => text.trim() !== "")
      .slice(0, QUERIES_KEPT),
  };
}
