import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SUBSCRIPTION = "00000000-0000-0000-0000-000000000001";

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly scope?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku?: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Deployment {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  of(type: string): readonly Resource[];
  /** App settings by the name of the app. */
  settingsOf(role: string): Readonly<Record<string, string>>;
}

export function run(bicep: string, args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(bicep, args, { cwd: ROOT, encoding: "utf8" });
  return { status, said: stderr };
}

/**
 * What a parameter file would deploy: loops, conditions and modules are worked out; what only Azure knows stays an expression in brackets.
 * The compiler writes beside the parameter file, so it works on a copy at the same depth.
 */
export function deploymentOf(bicep: string, parameterFile: string): Deployment {
  mkdirSync(join(ROOT, "test-artifacts"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "test-artifacts", "infra-"));
  try {
    const copy = join(folder, basename(parameterFile));
    copyFileSync(join(ROOT, parameterFile), copy);
    const where = ["--subscription-id", SUBSCRIPTION, "--tenant-id", "00000000-0000-0000-0000-000000000002"];
    const { status, said } = run(bicep, [
      "snapshot",
      copy,
      "--mode",
      "overwrite",
      ...where,
      "--location",
      "westeurope",
    ]);
    if (status !== 0) throw new Error(said);
    const text = readFileSync(copy.replace(/\.bicepparam$/, ".snapshot.json"), "utf8");
    return deployment(JSON.parse(text) as { predictedResources: Resource[]; outputs?: Record<string, unknown> });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function deployment({
  predictedResources: resources,
  outputs = {},
}: {
  readonly predictedResources: readonly Resource[];
  readonly outputs?: Readonly<Record<string, unknown>>;
}): Deployment {
  const of = (type: string): readonly Resource[] => resources.filter((resource) => resource.type === type);
  return {
    resources,
    outputs,
    of,
    settingsOf(role) {
      const app = of("Microsoft.Web/sites").find(({ tags }) => tags?.["dex-sync-role"] === role);
      const settings = of("Microsoft.Web/sites/config").find(({ name }) => name === `${app?.name}/appsettings`);
      if (settings === undefined) throw new Error(`no app has the role ${role}`);
      return settings.properties as Readonly<Record<string, string>>;
    },
  };
}
