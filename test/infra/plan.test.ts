import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { planOf } from "../../scripts/azure/plan.mjs";
import { loadConfig } from "../../shared/config/load-config.ts";
import { temporaryFolder } from "../product-process.ts";
import { aConfig } from "./azure-rig.ts";

const READ = ["SecurityIncident.Read.All", "SecurityAlert.Read.All"];
const WRITE = ["SecurityIncident.ReadWrite.All", "SecurityAlert.Read.All"];
const EXECUTE = [
  "Machine.Isolate",
  "Machine.RestrictExecution",
  "Machine.StopAndQuarantine",
  "Machine.CollectForensics",
  "Machine.Scan",
];

function rolesFor(inbound: Record<string, unknown>, actedOn?: readonly string[]): readonly string[] {
  return planOf(aConfig({ inbound }), actedOn).grants.flatMap(({ roles }) => roles);
}

describe("roles that the configuration asks for", () => {
  it.each([
    [{ comments: true }, WRITE],
    [{ resolve: true }, WRITE],
    [{ tasks: "complete" }, WRITE],
    [{ tasks: "execute" }, [...WRITE, ...EXECUTE]],
    [{ comments: false, resolve: false, tasks: "off" }, READ],
  ])("%j: more than reading only by a version that acts on it", (inbound, wanted) => {
    expect(rolesFor(inbound, ["comments", "resolve", "tasks"])).toEqual(wanted);
    expect(rolesFor(inbound, [])).toEqual(READ);
  });

  it("one thing acted on grants nothing for another", () => {
    expect(rolesFor({ comments: true, tasks: "execute" }, ["comments"])).toEqual(WRITE);
  });

  it("every role is either wanted or taken back", () => {
    for (const inbound of [{}, { tasks: "execute" }]) {
      const { grants } = planOf(aConfig({ inbound }), ["tasks"]);
      const all = grants.flatMap(({ roles, others }) => [...roles, ...others]);
      expect(all.toSorted()).toEqual([...READ, "SecurityIncident.ReadWrite.All", ...EXECUTE].toSorted());
    }
  });

  it("the hook acts on what the product acts on: both say so of the same file", async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    for (const inbound of [{ comments: true }, { resolve: true }, { tasks: "execute" }]) {
      const config = aConfig({ inbound });
      const file = join(folder.path, "dex-sync.config.json");
      writeFileSync(file, JSON.stringify(config));
      const { warnings } = await loadConfig(file);
      const isWarned = warnings.some((warning) => warning.startsWith("inbound"));
      expect([inbound, planOf(config).ignored.length > 0]).toEqual([inbound, isWarned]);
    }
  });
});
