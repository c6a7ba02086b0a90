import type { ConnectorSettings } from "./config.ts";

export type SecretAddress = { readonly url: string } | { readonly problem: string };

/** Shape of an address: no white space, which a parser would take out without a word. */
const ADDRESS = /^https?:\/\/[^\s/?#]/i;

/** An address that an environment variable holds. A problem never repeats it: any part of it may be what lets a caller in. */
export function readSecretAddress(value: string, allowPrivate: readonly string[]): SecretAddress {
  if (!ADDRESS.test(value) || /\s/.test(value) || !URL.canParse(value)) {
    return { problem: "is no address like https://host.example.com/path?query, whole and without white space" };
  }
  const { username, password, protocol } = new URL(value);
  if (username !== "" || password !== "") return { problem: "must not hold a user name or password" };
  if (value.includes("#")) return { problem: "must not hold a fragment (# and what follows)" };
  if (protocol === "http:" && allowPrivate.length === 0) {
    return { problem: "must be https: plain http goes only to addresses inside network.allowPrivate" };
  }
  return { url: value };
}

/** Where a connector sends to, as far as it is known: an address may be named by a secret that is not set, or is none. */
export function addressOf(
  connector: Exclude<ConnectorSettings, { readonly kind: "sentinel" }>,
  secret: (name: string) => string | undefined,
): string | undefined {
  if (connector.kind !== "webhook" || connector.urlSecret === undefined) return connector.url;
  return secret(connector.urlSecret);
}
