import { FIGURES } from "../../shared/pipeline/ports/metrics.ts";
import { grouped } from "../data/grouped.ts";
import type { Point, PointName } from "../data/parse-figures.ts";
import { type Tone, dimensionWords, fullOf, isSum, toneOf } from "./figure-words.ts";

/** One bar. */
export interface FigureRow {
  readonly label: string;
  readonly value: number;
  /** How much of the bar is filled, 0 to 100. */
  readonly percent: number;
  readonly tone: Tone;
}

export interface FigureGroup {
  /** A connector or tenant; "" where the rows name them. */
  readonly heading: string;
  readonly rows: readonly FigureRow[];
}

export interface FigureView {
  readonly groups: readonly FigureGroup[];
  /** Rows that are not shown. */
  readonly more: number;
  /** Of everything, shown or not; undefined where values cannot be added up. */
  readonly total: number | undefined;
  readonly isKnown: boolean;
}

/** What ids are called. */
export interface Names {
  readonly connector: (id: string) => string;
  readonly tenant: (id: string) => string;
}

/** More than these are not looked at, but searched for: Prometheus has them all. */
const ROWS_MAX = 24;

/** What is drawn of a figure: of one tenant, or of all together ("") where values can be added up. Counts of nought are left out. */
export function figureView(name: PointName, points: readonly Point[], tenantId: string, names: Names): FigureView {
  const own = points.filter(({ dimensions }) => tenantId === "" || (dimensions.get("tenant") ?? tenantId) === tenantId);
  const merged = isSum(name) ? addedUp(own).filter(({ value }) => value !== 0) : own;
  const full = fullOf(name) ?? Math.max(0, ...merged.map(({ value }) => value));
  const lead = leadOf(name);
  const sorted = isSum(name) && FIGURES[name].kind === "gauge" ? merged : merged.toSorted((a, b) => b.value - a.value);
  const shown = sorted.slice(0, ROWS_MAX).map((point) => ({
    ...wordsOf(point, lead, names),
    value: point.value,
    percent: full > 0 ? Math.min(100, Math.max(0, (100 * point.value) / full)) : 0,
    tone: toneOf(name, point.dimensions, point.value),
  }));
  return {
    groups: [...grouped(shown, ({ heading }) => heading)]
      .map(([heading, rows]) => ({ heading, rows }))
      .toSorted(byHeading),
    more: sorted.length - shown.length,
    total: isSum(name) ? own.reduce((sum, { value }) => sum + value, 0) : undefined,
    isKnown: own.length > 0,
  };
}

/** Always in the same place, whatever they count. */
export function byHeading(a: { readonly heading: string }, b: { readonly heading: string }): number {
  return a.heading.localeCompare(b.heading, "en");
}

/** Every dimension but the tenant's together with the values of all tenants. */
function addedUp(points: readonly Point[]): readonly Point[] {
  const keyOf = ({ dimensions }: Point): string =>
    JSON.stringify([...dimensions].filter(([name]) => name !== "tenant"));
  return [...grouped(points, keyOf).values()].map((same) => ({
    dimensions: new Map([...(same[0]?.dimensions ?? [])].filter(([name]) => name !== "tenant")),
    value: same.reduce((sum, { value }) => sum + value, 0),
  }));
}

function leadOf(name: PointName): "connector" | "tenant" | undefined {
  const dimensions: readonly string[] = FIGURES[name].dimensions;
  if (dimensions.includes("connector")) return "connector";
  return isSum(name) ? undefined : "tenant";
}

function wordsOf(
  { dimensions }: Point,
  lead: "connector" | "tenant" | undefined,
  names: Names,
): { readonly heading: string; readonly label: string } {
  const leading = lead === undefined ? "" : names[lead](dimensions.get(lead) ?? "");
  const rest = [...dimensions].filter(([name]) => name !== "tenant" && name !== "connector");
  const label = rest.map(([name, value]) => dimensionWords(name, value)).join(" · ");
  return label === "" ? { heading: "", label: leading } : { heading: leading, label };
}
