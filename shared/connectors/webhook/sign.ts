/** The headers of Standard Webhooks 1.0: the event's id, this sending's time, and a signature for each secret. */
export async function signedHeaders(
  secrets: readonly string[],
  message: { readonly id: string; readonly at: number; readonly body: string },
): Promise<Record<string, string>> {
  const { id, at, body } = message;
  const { Webhook } = await import("standardwebhooks");
  const time = new Date(at);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(" "),
  };
}
