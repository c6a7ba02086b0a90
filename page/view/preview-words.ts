import type { Preview, PreviewReason, PreviewedTicket } from "../../shared/pipeline/preview/previewed.ts";
import { counted } from "./words.ts";

export const ACTION_WORDS = {
  create: "Would be created",
  adopt: "Would be taken over",
  update: "Would be changed",
  send: "An event would be sent",
  none: "As it should be",
  wait: "Waits",
  absent: "No ticket",
  unrouted: "Not for this tool",
  unknown: "Could not be asked",
} as const satisfies Record<PreviewedTicket["action"], string>;

export const REASON_WORDS = {
  first: "Never written yet",
  changed: "Defender changed it",
  entering: "Entering the stage",
  ours: "Ours outright, and somebody changed it",
  mapping: "The mapping changed; written with the next change, by a rebuild, or in turn while the incident is open",
} as const satisfies Record<PreviewReason, string>;

/** What is read out once the preview is there. */
export function previewSummary({ incidents, left }: Preview): string {
  const tickets = incidents.flatMap((incident) => incident.tickets);
  const count = (action: PreviewedTicket["action"]): number =>
    tickets.filter((ticket) => ticket.action === action).length;
  return [
    `${counted(incidents.length, "incident")} looked at: ${count("create")} would be created, ${count("update") + count("adopt")} changed, ${count("send") > 0 ? `${counted(count("send"), "event")} sent, ` : ""}${count("none")} are as they should be.`,
    ...(count("unknown") > 0 ? [`${counted(count("unknown"), "ticket")} could not be asked for.`] : []),
    ...(left > 0 ? [`${counted(left, "incident")} were not reached in time.`] : []),
    "Nothing was written.",
  ].join(" ");
}
