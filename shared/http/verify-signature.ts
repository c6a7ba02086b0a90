/** What a secret must be: 16 bytes or more in base64, `whsec_` before it or not. Source: Standard Webhooks specification 1.0. */
const USABLE_SECRET = /^(?:whsec_)?[A-Za-z0-9+/]{22,}={0,2}$/;

/** False for a secret that cannot be used: then nothing that is signed with it is believed. */
export function isUsableSecret(secret: string): boolean {
  return USABLE_SECRET.test(secret);
}

/**
 * Whether a body was signed by somebody who knows one of the secrets, within the last 5 minutes, by the Standard Webhooks scheme.
 * Without a usable secret nobody did. The body's text is never used for more than this.
 */
export async function isSignedBy(
  secrets: readonly string[],
  body: string,
  header: (name: string) => string | null,
): Promise<boolean> {
  const headers = {
    "webhook-id": header("webhook-id") ?? "",
    "webhook-timestamp": header("webhook-timestamp") ?? "",
    "webhook-signature": header("webhook-signature") ?? "",
  };
  if (Object.values(headers).includes("")) return false;
  const { Webhook, WebhookVerificationError } = await import("standardwebhooks");
  return secrets.filter(isUsableSecret).some((secret) => {
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  });
}
