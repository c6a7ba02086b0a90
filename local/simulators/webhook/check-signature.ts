import { createHmac, timingSafeEqual } from "node:crypto";

export interface SignedCall {
  readonly id: string;
  /** Seconds since 1970, as the sender wrote it. */
  readonly timestamp: string;
  /** `v1,<base64>`, one or more with a space between. */
  readonly signatures: string;
  readonly body: string;
}

/**
 * Why a call is not believed; undefined where it is. Written from the specification of Standard Webhooks 1.0 alone, so that it proves
 * something of whoever signs.
 */
export function signatureProblem(
  call: SignedCall,
  secrets: readonly string[],
  now: number,
  toleranceS: number,
): string | undefined {
  if (!/^\S{1,200}$/.test(call.id)) return "webhook-id is missing";
  if (!/^\d{1,12}$/.test(call.timestamp)) return "webhook-timestamp is no number of seconds";
  if (Math.abs(now / 1_000 - Number(call.timestamp)) > toleranceS) return "webhook-timestamp is too far off";
  const given = call.signatures.split(" ").filter((part) => part.startsWith("v1,"));
  if (given.length === 0) return "webhook-signature has no v1";
  const isOurs = secrets.some((secret) => given.some((part) => isEqual(part.slice(3), macOf(secret, call))));
  return isOurs ? undefined : "no signature fits";
}

function macOf(secret: string, { id, timestamp, body }: SignedCall): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
