import { PermanentError } from "../../errors.ts";
import type { TicketRef } from "../connector.ts";
import type { ServiceNowClient } from "./client.ts";
import type { Row } from "./line.ts";
import type { TableFacts } from "./tables.ts";

/**
 * A refused write is looked into: a closed record takes no changes from anybody but administrators. One that cannot
 * be seen may be there: what becomes of it the configuration says.
 */
export async function explained(
  ref: TicketRef,
  context: { readonly client: ServiceNowClient; readonly facts: TableFacts },
  signal: AbortSignal,
  write: () => Promise<Row>,
): Promise<Row> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    if (error.reason === "notFound") {
      throw new PermanentError(
        "notFound",
        `${ref.label} is not there any more (deleted, or hidden from this account)`,
        {
          mend: "restore it or its visibility in ServiceNow, then replay this work",
          cause: error,
        },
      );
    }
    if (error.reason !== "rejected") throw error;
    const row = await context.client.get(ref.id, signal);
    if (!context.facts.closedStates.includes(row?.["state"] ?? "")) throw error;
    throw new PermanentError("final", `${ref.label} is Closed and takes no more changes`, {
      mend: "nothing, where that is meant: when Defender reopens the incident, a new ticket continues it; or reopen the record in ServiceNow and replay this work",
      cause: error,
    });
  }
}
