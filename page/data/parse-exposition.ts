/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Lines that are neither a sample nor a comment. */
  readonly unread: number;
}

const NAME = /([a-zA-Z_:][\w:]*)[ \t]*/y;
const LABEL = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|\})/y;
const EMPTY_END = /[ \t]*\}/y;
/** A value, and the moment that may stand behind it. */
const VALUE = /[ \t]*(\S+)(?:[ \t]+-?\d+)?[ \t]*$/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads https://prometheus.io/docs/instrumenting/exposition_formats/ as far as samples go; a line that cannot be read is counted and stepped over. */
export function parseExposition(text: string): Exposition {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const samples = lines.flatMap((line) => sampleOf(line.trimStart()) ?? []);
  return { samples, unread: lines.length - samples.length };
}

function sampleOf(line: string): Sample | undefined {
  const name = at(NAME, line, 0);
  if (name === undefined) return undefined;
  const labels = line[name[0].length] === "{" ? labelsFrom(line, name[0].length + 1) : { end: name[0].length };
  if (labels === undefined) return undefined;
  const value = numberOf(at(VALUE, line, labels.end)?.[1] ?? "");
  if (value === undefined) return undefined;
  return { name: name[1] ?? "", labels: labels.found ?? new Map(), value };
}

interface Labels {
  readonly found?: ReadonlyMap<string, string>;
  /** Where they end in the line. */
  readonly end: number;
}

/** A comma may stand before the closing brace. */
function labelsFrom(line: string, start: number): Labels | undefined {
  const found = new Map<string, string>();
  let end = start;
  for (;;) {
    const closing = at(EMPTY_END, line, end);
    if (closing !== undefined) return { found, end: end + closing[0].length };
    const label = at(LABEL, line, end);
    if (label === undefined) return undefined;
    found.set(label[1] ?? "", unescaped(label[2] ?? ""));
    end += label[0].length;
    if (label[3] === "}") return { found, end };
  }
}

function at(pattern: RegExp, line: string, index: number): RegExpExecArray | undefined {
  const here = new RegExp(pattern);
  here.lastIndex = index;
  return here.exec(line) ?? undefined;
}

function unescaped(raw: string): string {
  return raw.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

function numberOf(word: string): number | undefined {
  if (/^\+?inf$/i.test(word)) return Infinity;
  if (/^-inf$/i.test(word)) return -Infinity;
  if (/^nan$/i.test(word)) return NaN;
  return NUMBER.test(word) ? Number(word) : undefined;
}
