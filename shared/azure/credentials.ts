import type { AccessToken, TokenCredential } from "@azure/identity";
import type { CredentialConfig } from "../config/schema.ts";
import { PermanentError } from "../errors.ts";
import { noToken } from "./no-token.ts";

/** A token for one scope, renewed before it ends. `isFresh` asks for another than the one before, which was refused. */
export type TokenSource = (signal: AbortSignal, options?: { readonly isFresh?: boolean }) => Promise<string>;

/** The SDK is loaded with the first token. */
export async function createCredential(
  config: CredentialConfig,
  options: {
    readonly tenantId: string;
    readonly loginUrl: string;
    readonly defaultClientId: string | undefined;
    /** Throws where there is none. */
    secret(name: string): string;
  },
): Promise<TokenCredential> {
  if (config.kind === "token") return fixedToken(options.secret(config.secret));
  const identity = await import("@azure/identity");
  switch (config.kind) {
    case "managedIdentity": {
      const clientId = config.clientId ?? options.defaultClientId;
      return clientId === undefined
        ? new identity.ManagedIdentityCredential()
        : new identity.ManagedIdentityCredential({ clientId });
    }
    case "clientSecret":
      return new identity.ClientSecretCredential(options.tenantId, config.clientId, options.secret(config.secret), {
        authorityHost: options.loginUrl,
      });
    case "certificate":
      return new identity.ClientCertificateCredential(
        options.tenantId,
        config.clientId,
        { certificate: options.secret(config.secret) },
        { authorityHost: options.loginUrl },
      );
  }
}

/**
 * Turns a credential's failures into the two kinds of error: nothing flows for this tenant until it is mended, so it is retryable and alarms.
 * A credential made anew remembers no token; a managed identity's are the platform's to remember, and the SDK offers no way around that.
 */
export function tokenSource(
  credential: (options: { readonly isNew: boolean }) => Promise<TokenCredential>,
  scope: string,
): TokenSource {
  return async function token(signal, { isFresh = false } = {}) {
    let access: AccessToken | null;
    try {
      access = await (await credential({ isNew: isFresh })).getToken(scope, { abortSignal: signal });
    } catch (error) {
      if (error instanceof PermanentError) throw error;
      if (!(error instanceof Error)) throw error;
      throw noToken(new URL(scope).host, error);
    }
    if (access === null) throw noToken(new URL(scope).host);
    return access.token;
  };
}

function fixedToken(token: string): TokenCredential {
  return {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
}
