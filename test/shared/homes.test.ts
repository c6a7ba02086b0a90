import { describe, expect, it } from "vitest";
import { CLOUDS } from "../../shared/config/clouds.ts";
import type { ConnectorSettings, TenantSettings } from "../../shared/config/config.ts";
import { connectorHome, tenantHome } from "../../shared/homes.ts";

const tenant = { id: "t", cloud: CLOUDS.global, graphUrl: "http://127.0.0.1:7391" } as TenantSettings;
const serviceNow = { kind: "servicenow", url: "http://127.0.0.1:7392" } as ConnectorSettings;
const sentinel = { kind: "sentinel", armUrl: "http://127.0.0.1:7393" } as ConnectorSettings;

describe("where the page leads", () => {
  it("is the real portals and tools", () => {
    expect(tenantHome(tenant, false)).toBe("https://security.microsoft.com/incidents-queue?tid=t");
    expect(connectorHome(serviceNow, false)).toBe("http://127.0.0.1:7392");
    expect(connectorHome(sentinel, false)).toBe("https://portal.azure.com/");
  });

  it("is the simulators' own pages in the demo", () => {
    expect(tenantHome(tenant, true)).toBe("http://127.0.0.1:7391/simulator");
    expect(connectorHome(serviceNow, true)).toBe("http://127.0.0.1:7392/simulator");
    expect(connectorHome(sentinel, true)).toBe("http://127.0.0.1:7393/simulator");
  });

  it("is nowhere where a simulator has no address", () => {
    expect(connectorHome({ kind: "sentinel" } as ConnectorSettings, true)).toBe("");
  });
});
