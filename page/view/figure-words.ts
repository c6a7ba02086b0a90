import { FIGURES, type FigureName } from "../../shared/pipeline/ports/metrics.ts";
import { formatDuration } from "./format-duration.ts";

/** In the order they are shown. */
const TITLES = {
  "dexsync.parked": "Parked work",
  "dexsync.handovers": "Handovers",
  "dexsync.incidents.open": "Open incidents",
  "dexsync.watermark.age": "Last complete reading",
  "dexsync.quota.used": "Graph’s quota",
  "dexsync.breaker.open": "Breakers",
  "dexsync.paused": "Held by an operator",
  "dexsync.tickets.behind": "Tickets behind",
  "dexsync.tickets.drifted": "Tickets drifted",
  "dexsync.subscription.expiry": "Graph subscription",
  "dexsync.lag.seen": "Change → read",
  "dexsync.lag.queued": "Change → queue",
  "dexsync.lag.written": "Change → ticket",
  "dexsync.passes": "Looks at tickets",
  "dexsync.deltas": "Changes",
  "dexsync.polls": "Readings",
  "dexsync.graph.requests": "Requests to Graph",
  "dexsync.copies": "Put off",
  "dexsync.findings": "Found by comparing",
} as const satisfies Record<FigureName, string>;

/** Where the bar is full; else at the largest value. Of the age: where the alert is. */
const FULL: Partial<Record<FigureName, number>> = { "dexsync.watermark.age": 300, "dexsync.quota.used": 100 };

/** What a full bar means, where that is not the largest value. */
const FULL_WORDS: Partial<Record<FigureName, string>> = {
  "dexsync.watermark.age": "a full bar is 5 min, where the alert is",
};

/** What a flag says: not set, set. */
const FLAGS: Partial<Record<FigureName, readonly [string, string]>> = {
  "dexsync.breaker.open": ["closed", "open"],
  "dexsync.paused": ["runs", "held"],
};

const STAGE_WORDS: Readonly<Record<string, string>> = {
  active: "Active",
  inProgress: "In progress",
  awaitingCustomerAction: "Awaiting Customer Action",
  resolved: "Resolved",
  redirected: "Merged away",
  unrecognised: "Unrecognised",
};

/** Red is what a person should look at, amber the customer's turn, teal the experts at work, green what is done. */
export type Tone = "plain" | "ill" | "yours" | "experts" | "done";

export function figureTitle(name: FigureName): string {
  return TITLES[name];
}

/** All figures of a kind, in the order they are shown. */
export function figuresOf(kind: (typeof FIGURES)[FigureName]["kind"]): readonly FigureName[] {
  return (Object.keys(TITLES) as FigureName[]).filter((name) => FIGURES[name].kind === kind);
}

export function isFlag(name: FigureName): boolean {
  return FLAGS[name] !== undefined;
}

/** Whether values of several dimensions may be added up: ages and shares may not. */
export function isSum(name: FigureName): boolean {
  return FIGURES[name].unit.startsWith("{");
}

export function fullOf(name: FigureName): number | undefined {
  return FULL[name];
}

/** What the figure says, in the words that the code has for it. */
export function figureSays(name: FigureName): string {
  const { description } = FIGURES[name];
  const full = FULL_WORDS[name];
  return full === undefined ? description : `${description}; ${full}`;
}

/** A value with its unit, read at a glance. */
export function valueWords(name: FigureName, value: number): string {
  const flag = FLAGS[name];
  if (flag !== undefined) return flag[value > 0 ? 1 : 0];
  const { unit } = FIGURES[name];
  if (unit === "s") return formatDuration(value * 1_000);
  return unit === "%" ? `${Math.round(value)} %` : value.toLocaleString("en-GB");
}

/** `passes`, for the number before it; "" where the value has its unit with it. */
export function nounOf(name: FigureName, value: number): string {
  const [, noun = ""] = /^\{(\w+)\}$/.exec(FIGURES[name].unit) ?? [];
  if (noun === "" || value === 1) return noun;
  if (noun === "work") return "pieces of work";
  if (noun.endsWith("y")) return `${noun.slice(0, -1)}ies`;
  return noun.endsWith("s") ? `${noun}es` : `${noun}s`;
}

/** Words of ours as the code has them: `looking-again`, `expertsAlerts`. */
export function dimensionWords(dimension: string, value: string): string {
  if (dimension === "stage" && Object.hasOwn(STAGE_WORDS, value)) return STAGE_WORDS[value] ?? value;
  if (value === "") return "not named";
  return /^[a-z][a-zA-Z-]{0,40}$/.test(value)
    ? value.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("-", " ")
    : value;
}

/** What colour a value of this figure has. */
export function toneOf(name: FigureName, dimensions: ReadonlyMap<string, string>, value: number): Tone {
  if (value <= 0) return "plain";
  const full = FULL[name];
  if (ILL_FIGURES.has(name) || (full !== undefined && value >= full)) return "ill";
  const word = dimensions.get("outcome") ?? dimensions.get("state") ?? dimensions.get("stage") ?? "";
  if (ILL_WORDS.has(word)) return "ill";
  if (name === "dexsync.handovers" || word === "awaitingCustomerAction") return "yours";
  if (word === "inProgress") return "experts";
  return word === "resolved" ? "done" : "plain";
}

const ILL_FIGURES: ReadonlySet<FigureName> = new Set(["dexsync.parked", "dexsync.breaker.open"]);
const ILL_WORDS: ReadonlySet<string> = new Set(["parked", "detached", "failed", "overdue"]);
