import { PermanentError } from "../../errors.ts";
import type { CheckFinding } from "../connector.ts";
import type { JiraClient } from "./client.ts";
import { type FullMapping, type MappedStage, RESOLUTION } from "./mapping-options.ts";
import type { WireStatus, WireTransition } from "./schema.ts";
import { sameName, statusValue } from "./status.ts";
import { createWorkflow } from "./workflow.ts";

/** Each costs two requests. */
const STATUSES_MAX = 20;

/** What an incident goes through. Nobody needs a way back from closed: a new issue continues one that has none. */
const MOVES: readonly (readonly [from: MappedStage, to: MappedStage])[] = [
  ["active", "inProgress"],
  ["active", "awaitingCustomerAction"],
  ["inProgress", "awaitingCustomerAction"],
  ["awaitingCustomerAction", "inProgress"],
  ["active", "resolved"],
  ["inProgress", "resolved"],
  ["awaitingCustomerAction", "resolved"],
  ["inProgress", "redirected"],
];

interface Offer {
  readonly label: string;
  readonly status: WireStatus;
  readonly transitions: readonly WireTransition[];
}

/**
 * Goes the ways that incidents will go, on paper. Jira tells transitions of issues alone, so those of the newest issues of this type are asked
 * for; of a status that none of them is in nothing is known, and nothing said. Warnings only: a condition may hide a transition from one issue
 * that another one has. Reads only.
 */
export async function workflowFindings(
  client: Pick<JiraClient, "newestIn" | "transitions">,
  type: { readonly id: string; readonly statuses: readonly WireStatus[] },
  mapping: FullMapping,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const offers = new Map<string, Offer>();
  for (const status of type.statuses.slice(0, STATUSES_MAX)) {
    const issue = await client.newestIn(type.id, status.id, signal);
    if (issue === undefined) continue;
    offers.set(status.id, { label: issue.key, status, transitions: await client.transitions(issue.id, signal) });
  }
  const findings: CheckFinding[] = [];
  for (const [from, to] of MOVES) {
    const target = mapping.statuses[to];
    if (target === "" || findings.some(({ place }) => place === placeOf(to))) continue;
    for (const offer of offers.values()) {
      if (!sameName(statusValue(offer.status, mapping.statuses), mapping.statuses[from])) continue;
      const refusal = await goOnPaper(offer, to, offers, mapping);
      if (refusal === undefined) continue;
      const { message, mend } = refusal;
      findings.push({ severity: "warning", place: placeOf(to), problem: message, mend });
      break;
    }
  }
  return findings;
}

function placeOf(stage: MappedStage): string {
  return `mapping.statuses.${stage}`;
}

class NothingKnown extends Error {}

/** The refusal that an issue like this one would meet; undefined where it arrives, or comes to a status of which nothing is known. */
async function goOnPaper(
  { label, status }: Offer,
  to: MappedStage,
  offers: ReadonlyMap<string, Offer>,
  mapping: FullMapping,
): Promise<PermanentError | undefined> {
  let at = status;
  try {
    await createWorkflow(mapping).walk({
      label,
      from: status,
      target: mapping.statuses[to],
      resolution: to === "redirected" ? mapping.duplicateResolution : RESOLUTION,
      present: () => Promise.resolve(at),
      offered() {
        const offer = offers.get(at.id);
        return offer === undefined ? Promise.reject(new NothingKnown()) : Promise.resolve(offer.transitions);
      },
      take(transition) {
        at = transition.to;
        return Promise.resolve();
      },
      mayTransition: () => Promise.resolve(true),
    });
    return undefined;
  } catch (error) {
    if (error instanceof PermanentError) return error;
    if (error instanceof NothingKnown) return undefined;
    throw error;
  }
}
