import { hasMark } from "../errors.ts";
import type { AssigneeNames } from "../incident/ball.ts";
import type { TenantId } from "../incident/incident.ts";
import type { Scope } from "../incident/scope.ts";
import type { Severity } from "../incident/verdict.ts";
import type { Cloud } from "./clouds.ts";
import type { ConnectorConfig, CredentialConfig } from "./schema.ts";

/** The configuration, checked, with its defaults filled in and its durations in milliseconds. Secrets are still only names. */
export interface Config {
  readonly tenants: readonly TenantSettings[];
  readonly scope: Omit<Scope, "assignees">;
  readonly poll: { readonly intervalMs: number; readonly overlapMs: number; readonly requestsPerMinute: number };
  readonly connectors: readonly ConnectorSettings[];
  /** How long the customer may take for an incident that waits for them, by severity, milliseconds. */
  readonly handoverDueMs: Readonly<Record<Severity, number>>;
  /** Names of environment variables that hold the doorbell's secrets. */
  readonly doorbellSecrets: readonly string[];
  /** What Graph is asked to notify of; "" asks for nothing. */
  readonly graphResource: string;
  /** Where Graph reaches this app; undefined where the environment says. */
  readonly publicUrl: string | undefined;
  readonly allowPrivate: readonly string[];
  /** What was accepted but should be known. */
  readonly warnings: readonly string[];
}

export interface TenantSettings {
  readonly id: TenantId;
  readonly name: string;
  readonly cloud: Cloud;
  readonly graphUrl: string;
  readonly credential: CredentialConfig;
  readonly assignees: AssigneeNames;
}

export type ConnectorSettings = ConnectorConfig & { readonly tenantIds: readonly TenantId[] };

const CONFIG = Symbol.for("dex-sync.ConfigError");

/** The configuration cannot be used: each problem names its place and the mend. */
export class ConfigError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasMark(value, CONFIG);
  }

  readonly [CONFIG] = true;
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly string[]) {
    super(`the configuration ${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
