import { type DurationName, FIGURES, type FigureName } from "../../shared/pipeline/ports/metrics.ts";
import { grouped } from "./grouped.ts";
import { type Sample, parseExposition } from "./parse-exposition.ts";
import { UnreadableAnswer } from "./parse-overview.ts";

type Dimensions = ReadonlyMap<string, string>;

/** A count, or how something stands. */
export interface Point {
  readonly dimensions: Dimensions;
  readonly value: number;
}

/** How long something took, each time. */
export interface Spread {
  readonly dimensions: Dimensions;
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
  /** How many took up to so many seconds, those of the buckets before included; in order. */
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  readonly upTo: number;
  readonly count: number;
}

export type PointName = Exclude<FigureName, DurationName>;

export interface Figures {
  readonly points: ReadonlyMap<PointName, readonly Point[]>;
  readonly spreads: ReadonlyMap<DurationName, readonly Spread[]>;
  /** Lines that could not be read. */
  readonly unread: number;
}

/** The figures of ours in what Prometheus would scrape; anybody else's are left out. */
export function parseFigures(text: string): Figures {
  const { samples, unread } = parseExposition(text);
  if (samples.length === 0 && unread > 0) throw new UnreadableAnswer("the answer is no figures of dex-sync");
  const byName = grouped(samples, ({ name }) => name);
  const points = new Map<PointName, readonly Point[]>();
  const spreads = new Map<DurationName, readonly Spread[]>();
  for (const [figure, { kind, dimensions }] of Object.entries(FIGURES)) {
    const name = figure.replaceAll(".", "_");
    if (kind === "duration") spreads.set(figure as DurationName, spreadsOf(byName, name, dimensions));
    else {
      const found = byName.get(kind === "counter" ? `${name}_total` : name) ?? [];
      points.set(figure as PointName, found.filter(isFinite).map(pointOf(dimensions)));
    }
  }
  return { points, spreads, unread: unread + samples.filter((sample) => !isFinite(sample)).length };
}

function isFinite({ value }: Sample): boolean {
  return Number.isFinite(value);
}

/** Only what the figure is split by: an exporter adds labels of its own. */
function pointOf(names: readonly string[]): (sample: Sample) => Point {
  return ({ labels, value }) => ({ dimensions: new Map(names.map((name) => [name, labels.get(name) ?? ""])), value });
}

function spreadsOf(
  byName: ReadonlyMap<string, readonly Sample[]>,
  name: string,
  dimensions: readonly string[],
): readonly Spread[] {
  const key = ({ labels }: Sample): string => JSON.stringify(dimensions.map((dimension) => labels.get(dimension)));
  const sums = new Map((byName.get(`${name}_sum`) ?? []).map((sample) => [key(sample), sample.value]));
  const buckets = grouped(byName.get(`${name}_bucket`) ?? [], key);
  return (byName.get(`${name}_count`) ?? []).filter(isFinite).map((sample) => {
    const sum = sums.get(key(sample)) ?? NaN;
    return {
      dimensions: pointOf(dimensions)(sample).dimensions,
      count: sample.value,
      sum,
      buckets: bucketsOf(buckets.get(key(sample)) ?? []),
    };
  });
}

function bucketsOf(samples: readonly Sample[]): readonly Bucket[] {
  return samples
    .map(({ labels, value }) => ({ upTo: limitOf(labels.get("le") ?? ""), count: value }))
    .filter(({ upTo, count }) => !Number.isNaN(upTo) && Number.isFinite(count))
    .toSorted((a, b) => a.upTo - b.upTo);
}

function limitOf(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "" ? NaN : Number(text);
}
