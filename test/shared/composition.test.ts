import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import { compose } from "../../shared/composition.ts";
import { readSettings } from "../../shared/config/settings.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import { createRecordingBus } from "../recording-bus.ts";
import { aProjection } from "./connectors/a-projection.ts";
import { ticketsOf } from "../tickets-of.ts";

it("links of every tenant of a connector stay links, whatever cloud it is in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-composition-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "dex-sync.config.json");
  const credential = { kind: "managedIdentity" };
  writeFileSync(
    file,
    JSON.stringify({
      tenants: [
        { id: "a", credential },
        { id: "b", cloud: "usGovHigh", credential },
        { id: "c", cloud: "usGovDoD", credential },
      ],
      connectors: [
        {
          id: "itsm",
          kind: "servicenow",
          url: "https://contoso.service-now.com",
          tenants: ["a", "b"],
          auth: { kind: "apiKey", secret: "K" },
        },
      ],
    }),
  );
  const composition = await compose(
    { tables: createMemoryTables(), bus: createRecordingBus() },
    readSettings({ DEX_SYNC_CONFIG: file, K: "a key" }),
  );
  onTestFinished(() => composition.close());
  const connector = await ticketsOf(composition, "itsm" as ConnectorId);
  const portalOf = (host: string): string | undefined => {
    const projection = aProjection({ url: `https://${host}/incidents/29` });
    const description = connector.wanted(projection, { survivor: undefined }).fields.values["description"] ?? "";
    return /^Portal: (.*)$/m.exec(description)?.[1];
  };
  expect(portalOf("security.microsoft.com")).toBe("https://security.microsoft.com/incidents/29");
  expect(portalOf("security.microsoft.us")).toBe("https://security.microsoft.us/incidents/29");
  expect(portalOf("security.apps.mil")).toBe("hxxps://security.apps.mil/incidents/29");
});

it.each([
  ["on", "security/incidents"],
  ["off", ""],
])("DEX_SYNC_SUBSCRIBE %s asks Graph for %j, whatever the configuration wants", async (subscribe, resource) => {
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-composition-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "dex-sync.config.json");
  const auth = { kind: "apiKey", secret: "K" };
  writeFileSync(
    file,
    JSON.stringify({
      tenants: [{ id: "a", credential: { kind: "managedIdentity" } }],
      connectors: [{ id: "itsm", kind: "servicenow", url: "https://contoso.service-now.com", auth }],
    }),
  );
  const composition = await compose(
    { tables: createMemoryTables(), bus: createRecordingBus() },
    readSettings({ DEX_SYNC_CONFIG: file, DEX_SYNC_SUBSCRIBE: subscribe, WEBSITE_HOSTNAME: "func.example.com" }),
  );
  onTestFinished(() => composition.close());
  expect(composition.bells.planOf("a" as TenantId).resource).toBe(resource);
});
