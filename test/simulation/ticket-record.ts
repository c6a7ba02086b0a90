/** Who wrote: the product through its API, a person in the tool, or the tool itself. */
export type Writer = "product" | "person" | "tool";

export interface TicketWrite {
  readonly at: number;
  readonly writer: Writer;
  readonly isCreate: boolean;
  /** As asked for, fields or labels. */
  readonly values: Readonly<Record<string, string>>;
}

/** One record of a tool, and everything that was ever written to it. */
export interface TicketRecord {
  readonly id: string;
  readonly number: string;
  readonly madeAt: number;
  /** What a search does not find before. */
  readonly foundFrom: number;
  readonly values: Record<string, string>;
  readonly notes: { readonly at: number; readonly writer: Writer; readonly text: string; readonly name: string }[];
  readonly writes: TicketWrite[];
}
