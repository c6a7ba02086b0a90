import type { SimulatorClock } from "../clock.ts";
import type { Call } from "../http/message.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import type { GraphReplies } from "./graph-reply.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { View } from "./render-incident.ts";
import type { TaskStore } from "./task-store.ts";

/** What the routes of the simulated Graph work on. */
export interface GraphContext {
  readonly clock: SimulatorClock;
  readonly behaviour: GraphBehaviour;
  readonly replies: GraphReplies;
  readonly incidents: IncidentStore;
  readonly tasks: TaskStore;
  readonly tenantId: string;
  readonly portalUrl: string;
  /** The calling app, as comments and lastModifiedBy name it. */
  readonly caller: string;
  /** Incidents whose alerts cannot be expanded: every list that holds one of them fails. */
  readonly poisoned: ReadonlySet<string>;
  /** Incidents that no list can show, with or without alerts. */
  readonly unlistable: ReadonlySet<string>;
  /** Incidents whose own list of alerts fails. */
  readonly alertless: ReadonlySet<string>;
  /** Called after a page of incidents was put together, before it is sent. */
  onPage(page: { readonly skip: number; readonly rows: number }): void;
}

export type GraphVersion = "v1.0" | "beta";

export function viewOf(call: Call, version: GraphVersion, context: GraphContext): View {
  const prefer = String(call.headers["prefer"] ?? "");
  return {
    beta: version === "beta",
    unknownMembers: prefer.toLowerCase().includes("include-unknown-enum-members"),
    tenantId: context.tenantId,
    portalUrl: context.portalUrl,
    behaviour: context.behaviour,
  };
}

/** Graph says which preferences it followed. */
export function preferenceHeaders(view: View): Record<string, string> {
  return view.unknownMembers ? { "preference-applied": "include-unknown-enum-members" } : {};
}
