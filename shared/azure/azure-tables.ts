import type { TokenCredential } from "@azure/identity";
import type { Tables } from "../pipeline/ports/table.ts";

export type AzureTablesOptions = { readonly timeoutMs: number } & (
  | { readonly connectionString: string }
  | { readonly endpoint: string; readonly credential: () => Promise<TokenCredential> }
);

/** Interim. */
export function createAzureTables(_options: AzureTablesOptions): Tables {
  throw new Error("not there yet");
}
