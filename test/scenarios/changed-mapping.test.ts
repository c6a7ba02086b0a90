import { afterEach, describe, expect, it } from "vitest";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import type { Bus } from "../../shared/pipeline/ports/bus.ts";
import { walkLinks } from "../../shared/pipeline/repair/walk-links.ts";
import { type InProcess, configOf, jiraConfigOf, startInProcess } from "../in-process.ts";

let running: InProcess | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe("a mapping that is edited", () => {
  it("gives links another version: an open ticket is compared by the walk, and only what differs is written", async () => {
    const mapping = { priorities: { high: "High" } };
    const product = (running = await startInProcess((tenant) => ({ connectors: [jiraConfigOf(tenant, mapping)] })));
    const { id } = product.tenant.graph.incidents.create({ severity: "high" });
    await product.poll();
    const before = await product.link(id, "jira");
    expect(before?.mappingVersion).toBeGreaterThan(1_000);

    // As a process with the edited file finds it: written by another mapping, whose priority differed.
    const partition = `${product.tenant.graph.tenantId}:${id}`;
    const written = { ...before?.written, priority: "Low" };
    await product.tables.incident.put(partition, "link:jira", { ...before, mappingVersion: 7, written }, "any");
    const deps = await product.composition.detectDeps(product.tenant.graph.tenantId as TenantId);
    product.tenant.jira.requests.reset();
    // The first walk is over all links, the next one over those of what is open.
    // Its clock runs ahead; what it sends is due now.
    const bus: Bus = {
      send: (queue, messages) =>
        product.bus.send(
          queue,
          messages.map(({ scheduledAt: _scheduledAt, ...due }) => due),
        ),
    };
    const later = (ms: number) => ({ ...deps, bus, clock: { ...deps.clock, now: () => deps.clock.now() + ms } });
    await walkLinks(later(3 * 60_000));
    await product.bus.idle();
    expect(product.tenant.jira.requests.read().total).toBe(0);
    await walkLinks(later(20 * 60_000));
    await product.bus.idle();
    expect(product.tenant.jira.requests.read().byKind).toEqual({ "GET issue": 1, "PUT issue": 1 });
    expect(await product.link(id, "jira")).toMatchObject({
      mappingVersion: before?.mappingVersion,
      written: before?.written,
    });
    expect(product.lines.filter(({ message }) => message === "a changed mapping is rolled out")).toMatchObject([
      { fields: { tickets: 1 } },
    ]);
  });

  it("differs by connector; without a mapping the version is the code's own", async () => {
    const product = (running = await startInProcess((tenant) => {
      const [itsm, sentinel] = configOf(tenant)["connectors"] as readonly object[];
      return { connectors: [itsm, sentinel, jiraConfigOf(tenant)] };
    }));
    const { mappingVersionOf } = await product.composition.detectDeps(product.tenant.graph.tenantId as TenantId);
    const versions: (number | undefined)[] = [];
    for (const { id } of product.composition.config.connectors)
      versions.push(await mappingVersionOf?.(id as ConnectorId));
    expect(versions.map((version) => (version ?? 0) > 1_000)).toEqual([false, false, true]);
  });
});
