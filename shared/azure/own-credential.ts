import type { TokenCredential } from "@azure/identity";
import { PermanentError, RetryableError } from "../errors.ts";
import { noToken } from "./no-token.ts";

/** A credential of which "no token" is no error of the service it is for, but `RetryableError("unauthorized")`. `whom`: "the tables". */
export async function ownCredential(make: () => Promise<TokenCredential>, whom: string): Promise<TokenCredential> {
  const credential = await made(make, whom);
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        if (options?.abortSignal?.aborted === true) throw error;
        throw asNoToken(error, whom);
      }
    },
  };
}

async function made(make: () => Promise<TokenCredential>, whom: string): Promise<TokenCredential> {
  try {
    return await make();
  } catch (error) {
    throw asNoToken(error, whom);
  }
}

function asNoToken(error: unknown, whom: string): unknown {
  if (!(error instanceof Error) || error instanceof PermanentError || error instanceof RetryableError) return error;
  return noToken(whom, error);
}
