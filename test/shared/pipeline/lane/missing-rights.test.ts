import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { failed } from "../../../../shared/pipeline/doctor/look.ts";
import { healthOf } from "../../../../shared/pipeline/overview/health.ts";
import { SNAPSHOT_ROW, incidentPartition } from "../../../../shared/pipeline/keys.ts";
import { previewTicket } from "../../../../shared/pipeline/preview/preview-ticket.ts";
import { readOverview } from "../../../../shared/pipeline/overview/read-overview.ts";
import { unpackSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { TENANT } from "../../../build.ts";
import { createLane } from "../../../ticket-lane.ts";

const MEND = "give this identity the role that writes";
const REFUSED = new RetryableError("unauthorized", "writes are refused (403: no)", { mend: MEND, isOfWrites: true });

describe("a right that is missing for all", () => {
  it("is said in health and on the page while it is, and no longer once it is given", async () => {
    const lane = await createLane();
    await lane.run(await lane.change({}));
    const problemsOf = async (): Promise<readonly string[]> => {
      const overview = await readOverview({
        tables: lane.tables,
        clock: lane.clock,
        isDemo: false,
        pollIntervalMs: 15_000,
        tenants: [{ id: TENANT, name: "Contoso", portalUrl: "" }],
        connectors: [{ id: "itsm" as ConnectorId, kind: "servicenow", url: "", tenantIds: [TENANT] }],
      });
      return healthOf(overview).connectors[0]?.problems ?? [];
    };
    lane.tool.fail("update", "before", REFUSED);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await problemsOf()).toEqual([expect.stringMatching(new RegExp(`unauthorized.*once a minute: ${MEND}$`))]);
    await lane.drain();
    expect(await problemsOf()).toEqual([]);
  });

  it("is said by a preview, and by the doctor", async () => {
    const lane = await createLane();
    await lane.change({});
    lane.tool.fail("find", "before", REFUSED);
    const row = await lane.tables.incident.get(incidentPartition(TENANT, "29" as IncidentId), SNAPSHOT_ROW);
    const preview = await previewTicket(lane.deps, unpackSnapshot(row?.value), undefined, new AbortController().signal);
    expect(preview).toMatchObject({ action: "unknown", reason: expect.stringContaining(MEND) });
    expect(failed({ area: "connector", about: "sentinel" }, REFUSED, "look elsewhere")).toMatchObject({
      mend: MEND,
      seen: "writes are refused",
    });
  });
});
