import { createTableClient } from "../shared/azure/azure-tables-client.ts";
import { PermanentError } from "../shared/errors.ts";

/** Why a text cannot lead to Azure Tables or Azurite, as far as it can be seen without connecting. Never repeats it: it holds a key. */
export async function tablesProblem(connectionString: string): Promise<string | undefined> {
  const sdk = await import("@azure/data-tables");
  try {
    await createTableClient(sdk, { connectionString, timeoutMs: 0 }, "control");
    return undefined;
  } catch (error) {
    if (error instanceof PermanentError) return error.message;
    throw error;
  }
}
