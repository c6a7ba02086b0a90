import { RetryableError } from "../errors.ts";

/** The SDK's own message is left out: it may repeat what was sent. Its error's name says whether the sign-in was refused or not reached. */
export function noToken(whom: string, error?: Error): RetryableError {
  const name = error === undefined ? "" : ` (${error.name})`;
  return new RetryableError(
    "unauthorized",
    `no token for ${whom}: check tenant, client id and secret, or this machine's identity, and that the sign-in host is reached${name}`,
    { cause: error },
  );
}
