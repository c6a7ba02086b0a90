import type { WireStatus, WireTransition } from "./schema.ts";
import type { FilledScreen } from "./transition-fields.ts";

/** One issue on its way. */
export interface Walk {
  readonly label: string;
  readonly from: WireStatus;
  /** In the words of the mapping. */
  readonly target: string;
  readonly resolution: string | undefined;
  /** Where the issue is now. */
  present(): Promise<WireStatus>;
  offered(): Promise<readonly WireTransition[]>;
  take(transition: WireTransition, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Asked where nothing is offered at all: then it is the account that may be missing a right. */
  mayTransition(): Promise<boolean>;
}

/** A transition, and its screen as it would be filled. */
export interface Way extends FilledScreen {
  readonly transition: WireTransition;
}
