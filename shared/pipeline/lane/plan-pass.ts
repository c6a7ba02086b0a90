import type { Note, WantedTicket } from "../../connectors/connector.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import { projectionOf } from "../../incident/projection.ts";
import { findTicket, isClosedTooLong } from "./continue-ticket.ts";
import { notesOf } from "./notes-of.ts";
import { type WritePlan, planWrite } from "./plan-write.ts";
import { adoptTicket, settleIntent } from "./settle-intent.ts";
import { survivorOf } from "./survivor-ticket.ts";
import type { SyncPass } from "./sync-deps.ts";
import { tellDuplicates } from "./tell-pass.ts";
import { isUnrouted } from "./unrouted.ts";

/** What a pass has to do at the tool. */
export type PassPlan =
  | { readonly kind: "unrouted" }
  /** A write that is under way, or of which nothing is known yet, comes first. */
  | { readonly kind: "wait"; readonly until: number }
  /** The ticket stays closed: the link lets go of it, and the pass is planned anew. */
  | { readonly kind: "letGo" }
  | { readonly kind: "create"; readonly wanted: WantedTicket; readonly notes: readonly Note[]; readonly stage: Stage }
  | {
      readonly kind: "update";
      readonly wanted: WantedTicket;
      readonly write: WritePlan;
      readonly stage: Stage;
      readonly isAdopted: boolean;
    };

/** Reads what must be read at the tool, and writes nothing anywhere; the pass's link goes on in memory. What is written and what a preview shows is both planned here. */
export async function planPass(pass: SyncPass): Promise<PassPlan> {
  const { connector, clock, assignees } = pass.deps;
  const { intent } = pass.link;
  if (intent !== undefined) {
    if (intent.until > clock.now()) return { kind: "wait", until: intent.until };
    const settled = await settleIntent(pass, intent);
    if ("waitUntil" in settled) return { kind: "wait", until: settled.waitUntil };
    pass.link = settled.link;
  }
  // What was cut short before there was a ticket may not be wanted any more.
  if (await isUnrouted(pass)) return { kind: "unrouted" };
  const projection = projectionOf(pass.snapshot, assignees);
  const { stage } = projection.lifecycle;
  if (isClosedTooLong(pass, stage)) return { kind: "letGo" };
  const survivor = await survivorOf(pass);
  const wanted = connector.wanted(projection, { survivor, continued: pass.link.continued?.at(-1) });
  const notes = notesOf(projection, wanted.notes);
  let isAdopted = false;
  if (pass.link.ticket === undefined) {
    const found = await findTicket(pass);
    if (found === undefined) return { kind: "create", wanted, notes, stage };
    tellDuplicates(pass, found);
    pass.link = await adoptTicket(pass, found, wanted.fields, notes);
    isAdopted = true;
  }
  return { kind: "update", wanted, write: planWrite(pass.link, wanted, stage, notes), stage, isAdopted };
}
