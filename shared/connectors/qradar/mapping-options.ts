import type { Classification } from "../../incident/verdict.ts";

/** What the configuration may say of offenses. */
export interface QRadarMapping {
  /** Closes the offense of a resolved or merged incident. Off by default: a closed offense cannot be opened again. */
  readonly close?: boolean;
  /** By classification: the closing reason, as QRadar spells it. */
  readonly closingReasons?: Partial<Readonly<Record<Classification, string>>>;
}

export interface FullMapping {
  readonly close: boolean;
  readonly closingReasons: Readonly<Record<Classification, string>>;
}

/** Of a base system are only the first two; `dex-sync setup qradar` makes the third. */
export const OWN_REASON = "Resolved by Defender Experts";
const CLOSING_REASONS: FullMapping["closingReasons"] = {
  falsePositive: "False-Positive, Tuned",
  informationalExpectedActivity: "Non-Issue",
  truePositive: OWN_REASON,
  unknown: OWN_REASON,
  unrecognised: OWN_REASON,
};

export function fullMapping({ close = false, closingReasons = {} }: QRadarMapping): FullMapping {
  return { close, closingReasons: { ...CLOSING_REASONS, ...closingReasons } };
}
