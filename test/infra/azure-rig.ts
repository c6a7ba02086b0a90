import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../product-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface AzureState {
  azd: Record<string, string>;
  assignments: {
    readonly id?: string;
    readonly appRoleId: string;
    readonly resourceId: string;
    readonly principalId: string;
  }[];
  secrets: Record<string, string>;
  /** Of secrets that were not put there just now, in seconds since 1970. */
  secretAttributes: Record<string, { readonly updated: number; readonly exp?: number }>;
  /** Role assignments of Resource Manager. */
  azureRoles: {
    readonly id: string;
    readonly properties: {
      readonly scope: string;
      readonly principalId: string;
      readonly principalType?: string;
      readonly roleDefinitionId: string;
    };
  }[];
  deniedScopes: string[];
  /** Ids of the Log Analytics workspaces that there are. */
  workspaces: string[];
  rules: { readonly id: string; readonly properties: { readonly displayName: string; readonly actions: unknown[] } }[];
  isAppGone: boolean;
  queues: { readonly name: string; readonly properties: { readonly messageCount: number } }[];
  permissions: { readonly actions: readonly string[]; readonly notActions: readonly string[] }[];
  deletedVaults: unknown[];
  regions: string[];
  provider: string;
  publishes: boolean;
  tenantId: string;
  absentServices: string[];
  isDenied: boolean;
  /** How many calls still find that the directory does not know the identity. */
  unknownFor: number;
}

/** A configuration of the app's own identity with a ServiceNow instance; a test changes what it is about. */
export function aConfig(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    tenants: [{ id: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514", credential: { kind: "managedIdentity" } }],
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: "https://contoso.service-now.com",
        auth: { kind: "basic", username: "dex-sync", secret: "SERVICENOW_PASSWORD" },
      },
    ],
    doorbells: { secrets: ["DOORBELL_SECRET"] },
    ...overrides,
  };
}

/** The scripts of azure.yaml as azd runs them, with an Azure behind `az` and `azd` that remembers. */
export function azureRig(config: unknown, changes: Partial<AzureState> = {}) {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const stateFile = join(folder.path, "azure.json");
  const configFile = join(folder.path, "dex-sync.config.json");
  writeFileSync(configFile, typeof config === "string" ? config : JSON.stringify(config));
  const initial: AzureState = {
    azd: {},
    assignments: [],
    secrets: {},
    secretAttributes: {},
    azureRoles: [],
    deniedScopes: [],
    workspaces: [],
    rules: [],
    isAppGone: false,
    queues: [],
    permissions: [{ actions: ["*"], notActions: [] }],
    deletedVaults: [],
    regions: ["westeurope", "swedencentral"],
    provider: "Registered",
    publishes: true,
    tenantId: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514",
    absentServices: [],
    isDenied: false,
    unknownFor: 0,
    ...changes,
  };
  writeFileSync(stateFile, JSON.stringify(initial));
  writeFileSync(`${stateFile}.log`, "");
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  for (const tool of ["az", "azd", "func"]) {
    const file = join(bin, tool);
    const fake = join(ROOT, "test/infra/fake-az.mjs");
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${fake}" ${tool} "$@"\n`);
    chmodSync(file, 0o755);
  }
  const base = {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    FAKE_AZURE: stateFile,
    DEX_SYNC_CONFIG: configFile,
    DEX_SYNC_HOOK_WAIT_MS: "1",
    AZURE_ENV_NAME: "test",
    AZURE_LOCATION: "westeurope",
    AZURE_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000001",
    AZURE_RESOURCE_GROUP: "rg-test",
    AZURE_KEY_VAULT_NAME: "kv-test",
    AZURE_FUNCTION_NAME: "func-test",
    AZURE_SERVICE_BUS_NAME: "sb-test",
    DEX_SYNC_PRINCIPAL_ID: "principal",
  };
  return {
    run(script: string, env: Record<string, string> = {}, args: readonly string[] = [], input = "") {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts", script), ...args], {
        encoding: "utf8",
        env: { ...base, ...env },
        input,
      });
      return { status, output: `${stdout}${stderr}` };
    },
    configure: (changed: unknown) => writeFileSync(configFile, JSON.stringify(changed)),
    change(edit: (state: AzureState) => void) {
      const state = JSON.parse(readFileSync(stateFile, "utf8")) as AzureState;
      edit(state);
      writeFileSync(stateFile, JSON.stringify(state));
    },
    state: () => JSON.parse(readFileSync(stateFile, "utf8")) as AzureState,
    /** Everything that a process list would have shown. */
    calls: () => readFileSync(`${stateFile}.log`, "utf8"),
  };
}
