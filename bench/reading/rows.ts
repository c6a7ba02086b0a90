import type { Condition } from "./conditions.ts";
import { type Measured, listsOf } from "./measure.ts";

export interface ReadingRow {
  readonly total: number;
  readonly condition: Pick<Condition, "name" | "changed" | "extra">;
  readonly measured: Measured;
}

/** What the bar is about. */
const LISTS = ["list", "history"];
const REST = ["wide", "day", "unlistable", "alerts", "tasks", "notifications", "expertsAlerts", "named"];
const SHORT: Readonly<Record<string, string>> = {
  unlistable: "unlist.",
  notifications: "notif.",
  expertsAlerts: "experts",
};

export const TEXT_COLUMNS = 1;
export const HEAD: readonly string[] = [
  "condition",
  "of",
  "changed",
  "polls",
  "after",
  ...LISTS,
  "bar",
  ...REST.map((stream) => SHORT[stream] ?? stream),
  "list KB",
  "all KB",
  "lost",
  "verdict",
];

export function cellsOf(row: ReadingRow): readonly string[] {
  const { total, condition, measured } = row;
  const counts = (streams: readonly string[]): readonly string[] =>
    streams.map((stream) => `${measured.streams[stream] ?? 0}`);
  return [
    condition.name,
    total.toLocaleString("en"),
    condition.changed.toLocaleString("en"),
    `${measured.polls}`,
    clockTime(measured.tookMs),
    ...counts(LISTS),
    `${barOf(row)}`,
    ...counts(REST),
    kilobytes(measured.listBytes),
    kilobytes(measured.bytes),
    `${measured.lost}`,
    verdictOf(row),
  ];
}

export function isMissed(row: ReadingRow): boolean {
  return verdictOf(row) !== "ok";
}

function verdictOf(row: ReadingRow): string {
  const { measured } = row;
  if (measured.lost > 0) return `LOST ${measured.lost}`;
  if (!measured.isDone) return "NOT READ";
  const lists = listsOf(measured.streams);
  return lists > barOf(row) ? `MISSED: ${lists} lists` : "ok";
}

function barOf({ condition, measured }: ReadingRow): number {
  return measured.bar + (condition.extra ?? 0);
}

/** Conditions that cost other numbers of list requests where there are more incidents. */
export function notFlat(rows: readonly ReadingRow[]): readonly string[] {
  const byCondition = new Map<string, number[]>();
  for (const { condition, measured } of rows) {
    const key = `${condition.name}, ${condition.changed} changed`;
    byCondition.set(key, [...(byCondition.get(key) ?? []), listsOf(measured.streams)]);
  }
  return [...byCondition].flatMap(([key, counts]) =>
    new Set(counts).size > 1 ? [`${key}: ${counts.join(", ")}`] : [],
  );
}

function clockTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
}

function kilobytes(bytes: number): string {
  return Math.round(bytes / 1_000).toLocaleString("en");
}
