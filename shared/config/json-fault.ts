/** Where a text stops being JSON, and what was wanted there. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly wanted: string;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next; `first…` stands behind an opening sign, where the closing one may come too. */
type State = "value" | "firstValue" | "name" | "firstName" | "colon" | "rest";

/** Undefined where the text is JSON, and no object has a name twice: of those the last one would win without a word. The engine's own messages name the place only sometimes. */
export function jsonFault(text: string): JsonFault | undefined {
  /** The closing signs still to come, the next one last. */
  const open: ("}" | "]")[] = [];
  /** The names of each object around here. */
  const names: Set<unknown>[] = [];
  let at = 0;
  let state: State = "value";

  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length;
    at += length ?? 0;
    return length !== undefined;
  }

  function pass(next: State): State {
    at += 1;
    return next;
  }

  function enter(closing: "}" | "]"): State {
    open.push(closing);
    if (closing === "}") names.push(new Set());
    return pass(closing === "}" ? "firstName" : "firstValue");
  }

  function leave(): State {
    if (open.pop() === "}") names.pop();
    return pass("rest");
  }

  /** True where the object has the name that begins here already. */
  function isTwice(): boolean {
    STRING.lastIndex = at;
    const [quoted] = STRING.exec(text) ?? [];
    if (quoted === undefined) return false;
    const name: unknown = JSON.parse(quoted);
    const known = names.at(-1);
    if (known?.has(name) === true) return true;
    known?.add(name);
    return false;
  }

  /** The state behind what stands here, or what was wanted instead. */
  function step(): State | { readonly wanted: string } {
    const sign = text[at];
    const closing = open.at(-1);
    switch (state) {
      case "firstValue":
      case "value":
        if (state === "firstValue" && sign === "]") return leave();
        if (sign === "{") return enter("}");
        if (sign === "[") return enter("]");
        return skip(STRING) || skip(SCALAR) ? "rest" : { wanted: "a value" };
      case "firstName":
      case "name":
        if (state === "firstName" && sign === "}") return leave();
        if (isTwice()) return { wanted: "a name that is not in this object yet (of two the first would be lost)" };
        return skip(STRING) ? "colon" : { wanted: "a name in double quotes" };
      case "colon":
        return sign === ":" ? pass("value") : { wanted: '":" behind the name' };
      case "rest":
        if (closing === undefined) return { wanted: "nothing more" };
        if (sign === closing) return leave();
        return sign === "," ? pass(closing === "}" ? "name" : "value") : { wanted: `"," or "${closing}"` };
    }
  }

  for (;;) {
    skip(SPACE);
    if (state === "rest" && open.length === 0 && at === text.length) return undefined;
    const next = step();
    if (typeof next === "object") return { ...placeOf(text, at), wanted: `${next.wanted}${hint(text, at)}` };
    state = next;
  }
}

/** What people write most often that JSON does not have. */
function hint(text: string, at: number): string {
  if (at >= text.length) return ", but the text ends";
  if (/^[}\]]/.test(text.slice(at)) && /,\s*$/.test(text.slice(0, at))) return ' (no "," before a closing sign)';
  return text[at] === "/" || text[at] === "#" ? " (JSON has no comments)" : "";
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
