import type { Bucket, Spread } from "../data/parse-figures.ts";
import { grouped } from "../data/grouped.ts";
import { formatDuration } from "./format-duration.ts";
import { type Names, byHeading } from "./figure-rows.ts";

/** One small bar of a histogram. */
export interface Bin {
  /** `up to 5 s` */
  readonly words: string;
  /** Under the bar; "" where it has none. */
  readonly tick: string;
  readonly count: number;
  /** Of the highest bar, 0 to 100. */
  readonly percent: number;
}

export interface SpreadView {
  /** The connector; "" where the figure is not split by it. */
  readonly heading: string;
  readonly count: number;
  /** `1.7 s`; "" where it is not known. */
  readonly average: string;
  /** `5 s`: nine of ten took no longer; "" where that is not known. */
  readonly ninety: string;
  readonly bins: readonly Bin[];
}

const TICK_EVERY = 3;

/** Durations of one tenant, or of all together (""), by connector; nothing of what never happened. */
export function spreadViews(spreads: readonly Spread[], tenantId: string, names: Names): readonly SpreadView[] {
  const own = spreads.filter(
    ({ dimensions, count }) => count > 0 && (tenantId === "" || dimensions.get("tenant") === tenantId),
  );
  const views = [...grouped(own, ({ dimensions }) => dimensions.get("connector") ?? "")].map(([connector, same]) => {
    const count = same.reduce((sum, spread) => sum + spread.count, 0);
    const averageMs = (1_000 * same.reduce((sum, spread) => sum + spread.sum, 0)) / count;
    const buckets = together(same);
    return {
      heading: connector === "" ? "" : names.connector(connector),
      count,
      average: Number.isFinite(averageMs) ? formatDuration(averageMs) : "",
      ninety: limitWords(buckets.find((bucket) => bucket.count >= 0.9 * count)?.upTo ?? Infinity),
      bins: binsOf(buckets),
    };
  });
  return views.toSorted(byHeading);
}

/** Buckets with the same limit together. */
function together(spreads: readonly Spread[]): readonly Bucket[] {
  const byLimit = grouped(
    spreads.flatMap(({ buckets }) => buckets),
    ({ upTo }) => String(upTo),
  );
  return [...byLimit.values()]
    .map((same) => ({ upTo: same[0]?.upTo ?? NaN, count: same.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => a.upTo - b.upTo);
}

/** Each bar holds what the one before does not. */
function binsOf(buckets: readonly Bucket[]): readonly Bin[] {
  const counts = buckets.map(({ count }, index) => Math.max(0, count - (buckets[index - 1]?.count ?? 0)));
  const highest = Math.max(1, ...counts);
  const last = buckets.length - 1;
  return buckets.map(({ upTo }, index) => {
    const limit = limitWords(upTo);
    const isTicked = index === last || (index % TICK_EVERY === 0 && index < last - 1);
    return {
      words: limit === "" ? "longer" : `up to ${limit}`,
      tick: isTicked ? limit || "more" : "",
      count: counts[index] ?? 0,
      percent: (100 * (counts[index] ?? 0)) / highest,
    };
  });
}

/** Limits are whole: `5 s`, `1 h`. */
function limitWords(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  return formatDuration(seconds * 1_000).replace(/\.0 s$| 00 (min|h)$/, (ending) => (ending === ".0 s" ? " s" : ""));
}
