import type { Place } from "../local/operations-client.ts";
import type { StartOptions } from "../local/start.ts";
import { PLACE_OPTIONS, placeOf } from "./options.ts";

/** Options of commands that tell a product to do something. */
export const REMOTE_OPTIONS = {
  ...PLACE_OPTIONS,
  url: { type: "string" },
  key: { type: "string" },
  tenant: { type: "string" },
  reason: { type: "string" },
} as const;

export const REMOTE_USAGE = `  --tenant ID          default: all of the configuration
  --reason TEXT        why; it is kept
  --url URL --key ENV  a product that runs elsewhere, and the environment variable that holds its master key`;

export const DEFAULT_REASON = "asked for on the command line";

interface RemoteValues {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly port?: string | undefined;
  readonly tables?: string | undefined;
  readonly json?: boolean | undefined;
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

/** The product that is meant: elsewhere, or on a data folder; undefined where the arguments are wrong, which is said. */
export async function remoteOf(
  command: string,
  values: RemoteValues,
): Promise<{ readonly remote: Place | undefined; readonly start: StartOptions } | undefined> {
  const place = await placeOf(command, { ...values, port: values.port ?? "0" });
  if (place === undefined) return undefined;
  const key = process.env[values.key ?? "DEX_SYNC_MASTER_KEY"] ?? "";
  if (values.url !== undefined && key === "") {
    console.error(`dex-sync ${command}: with --url, --key names the environment variable that holds the master key`);
    return undefined;
  }
  return {
    remote: values.url === undefined ? undefined : { url: values.url.replace(/\/$/, ""), key },
    start: { ...place, isJsonLog: false },
  };
}
