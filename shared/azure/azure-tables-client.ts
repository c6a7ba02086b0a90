import type { RestError, TableClient, TableServiceClientOptions } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { PermanentError } from "../errors.ts";
import { createEgressGuard } from "../http/egress-guard.ts";
import { ownCredential } from "./own-credential.ts";

export type AzureTablesOptions = {
  /** For one operation, its repetitions and the making of its table included. */
  readonly timeoutMs: number;
} & (
  | { readonly connectionString: string }
  | { readonly endpoint: string; readonly credential: () => Promise<TokenCredential> }
);

/** What of the SDK is used here, loaded. */
export interface DataTables {
  readonly TableClient: typeof TableClient;
  readonly RestError: typeof RestError;
}

/** Repetitions are ours: the SDK's would repeat writes that may have happened, and sleep as long as the service says. */
const CLIENT_OPTIONS: TableServiceClientOptions = {
  retryOptions: { maxRetries: 0 },
  userAgentOptions: { userAgentPrefix: "dex-sync" },
};

export async function createTableClient(
  sdk: DataTables,
  options: AzureTablesOptions,
  name: string,
): Promise<TableClient> {
  if ("connectionString" in options) {
    const create = (more: TableServiceClientOptions): TableClient =>
      fromConnectionString(sdk, options.connectionString, name, more);
    const client = create(CLIENT_OPTIONS);
    return isPlainLoopback(client.url) ? create({ ...CLIENT_OPTIONS, allowInsecureConnection: true }) : client;
  }
  const { endpoint } = options;
  if (!URL.canParse(endpoint)) throw badEndpoint("is no address");
  const credential = await ownCredential(options.credential, "the tables");
  const allowInsecureConnection = isPlainLoopback(endpoint);
  return new sdk.TableClient(endpoint.replace(/\/$/, ""), name, credential, {
    ...CLIENT_OPTIONS,
    allowInsecureConnection,
  });
}

function fromConnectionString(
  sdk: DataTables,
  text: string,
  name: string,
  more: TableServiceClientOptions,
): TableClient {
  try {
    return sdk.TableClient.fromConnectionString(text, name, more);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Without the cause: it may repeat the text, which holds a key.
    throw badEndpoint("is a connection string that cannot be read");
  }
}

/** Plain http is for the emulator on the same machine; anywhere else it would show the key. */
function isPlainLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:") return false;
  const loopback = createEgressGuard(["127.0.0.0/8", "::1/128"]);
  if (protocol === "http:" && (hostname === "localhost" || loopback.isExcepted(hostname))) return true;
  throw badEndpoint("must be https, but for the emulator on this machine");
}

function badEndpoint(why: string): PermanentError {
  return new PermanentError("misconfigured", `the endpoint of the tables ${why}`, {
    mend: "set TABLES_ENDPOINT to the table endpoint of the storage account, https://NAME.table.core.windows.net",
  });
}
