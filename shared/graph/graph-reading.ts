import type { HttpResponse } from "../http/request.ts";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { SourceRow } from "../pipeline/ports/source.ts";
import type { Graph } from "./graph-client.ts";
import type { WireChecks } from "./wire-checks.ts";

/** What the readers of one tenant share. */
export interface GraphReading {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly checks: WireChecks;
  readonly toRow: (body: unknown) => SourceRow;
  readonly pageOf: (response: HttpResponse) => {
    readonly rows: readonly unknown[];
    readonly next: string | undefined;
  };
}
