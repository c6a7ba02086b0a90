import type { AlertsPart, Incident, IncidentId } from "../../incident/incident.ts";
import type { Revision } from "../../incident/revision.ts";

/** Where incidents come from: Graph, for one tenant. Every call costs one request of the tenant's quota and throws `RetryableError` or `PermanentError`. */
export interface Source {
  listPage(page: Window | NextPage, signal: AbortSignal): Promise<SourcePage>;
  /** Undefined where the source says that there is none. */
  get(id: IncidentId, signal: AbortSignal): Promise<SourceRow | undefined>;
  alerts(id: IncidentId, signal: AbortSignal): Promise<AlertsPart>;
}

/** Incidents last updated in [from, to], both ends inclusive; by creation as well where one moment holds too many. */
export interface Window {
  readonly from: Revision;
  readonly to?: Revision;
  readonly created?: { readonly from: Revision; readonly to: Revision };
}

/** Opaque; good for one tenant and one window only. */
export interface NextPage {
  readonly next: string;
}

export interface SourcePage {
  readonly rows: readonly SourceRow[];
  readonly next?: string;
  /** The response's `Date`, milliseconds since 1970; undefined where it had none. */
  readonly servedAt: number | undefined;
  /** 206: a provider behind the source failed; what is here is good, but not all. */
  readonly isPartial: boolean;
}

export type SourceRow =
  | { readonly kind: "incident"; readonly incident: Incident }
  | { readonly kind: "malformed"; readonly id: string; readonly problem: string; readonly body: unknown };
