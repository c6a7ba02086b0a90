/** An event as docs/webhook.md promises it: what of it the simulation looks at. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: ReceivedData;
}

interface ReceivedData {
  readonly incidentId: string;
  readonly tenantId: string;
  readonly sequence: number;
  readonly stage: string;
  readonly previousStage: string | null;
  readonly skipped: readonly string[];
  readonly changed: readonly string[];
  readonly owner: { readonly name: string };
  readonly severity: string;
  readonly classification: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly mergedInto: string | null;
  readonly updatedAt: string;
  readonly stageSince: string;
  readonly comments: readonly { readonly id: string; readonly text: string }[];
}

/** What a receiver took, as often as it came. */
export interface Delivery {
  readonly at: number;
  readonly event: ReceivedEvent;
  /** Whoever sent it was told so at once; else the answer may have been late or lost. */
  readonly isAnswered: boolean;
}

/** The number that the source gave the version that an event shows. */
export function revisionOf({ data }: ReceivedEvent): number {
  const tag = data.tags.find((one) => one.startsWith("rev-"));
  return tag === undefined ? 0 : Number(tag.slice("rev-".length));
}
