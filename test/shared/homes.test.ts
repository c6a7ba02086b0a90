import { describe, expect, it } from "vitest";
import { CLOUDS } from "../../shared/config/clouds.ts";
import type { ConnectorSettings, TenantSettings } from "../../shared/config/config.ts";
import { connectorHome, tenantHome } from "../../shared/homes.ts";

const tenant = { id: "t", cloud: CLOUDS.global, graphUrl: "http://127.0.0.1:7391" } as TenantSettings;
const serviceNow = { kind: "servicenow", url: "http://127.0.0.1:7392" } as ConnectorSettings;
const noSecret = (): undefined => undefined;
const sentinel = { kind: "sentinel", armUrl: "http://127.0.0.1:7393" } as ConnectorSettings;

describe("where the page leads", () => {
  it("is the real portals and tools", () => {
    expect(tenantHome(tenant, false)).toBe("https://security.microsoft.com/incidents-queue?tid=t");
    expect(connectorHome(serviceNow, false, noSecret)).toBe("http://127.0.0.1:7392");
    expect(connectorHome(sentinel, false, noSecret)).toBe("https://portal.azure.com/");
  });

  it("is the simulators' own pages in the demo", () => {
    expect(tenantHome(tenant, true)).toBe("http://127.0.0.1:7391/simulator");
    expect(connectorHome(serviceNow, true, noSecret)).toBe("http://127.0.0.1:7392/simulator");
    expect(connectorHome(sentinel, true, noSecret)).toBe("http://127.0.0.1:7393/simulator");
  });

  it("is nowhere where a simulator has no address", () => {
    expect(connectorHome({ kind: "sentinel" } as ConnectorSettings, true, noSecret)).toBe("");
  });

  it("is no more than the host of an address that is a secret, and nowhere where that is not known", () => {
    const webhook = { kind: "webhook", urlSecret: "SOAR_URL", secret: "S" } as ConnectorSettings;
    const home = (value: string | undefined, isDemo = false): string =>
      connectorHome(webhook, isDemo, (name) => (name === "SOAR_URL" ? value : "another"));
    const address = "https://prod-1.logic.azure.com:443/workflows/w1/triggers/manual/paths/invoke?sv=1.0&sig=s3cret";
    expect(home(address)).toBe("https://prod-1.logic.azure.com");
    expect(home(address, true)).toBe("https://prod-1.logic.azure.com/simulator");
    expect([undefined, "", "s3cret", "mailto:s3cret@contoso.com"].map((value) => home(value))).toEqual([
      "",
      "",
      "",
      "",
    ]);
  });
});
