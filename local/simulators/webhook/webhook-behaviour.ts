import type { Choices } from "../http/behaviour.ts";

/** How the simulated receiver behaves where receivers differ, or on a bad day. Change the fields at any time. */
export interface WebhookBehaviour {
  /** 410 to everything: whoever owned the address does not want events any more. */
  isGone: boolean;
  /** How far a sender's clock may be off, seconds. */
  toleranceS: number;
}

export const WEBHOOK_CHOICES = {} as const satisfies Choices;

export function defaultWebhookBehaviour(): WebhookBehaviour {
  return { isGone: false, toleranceS: 300 };
}
