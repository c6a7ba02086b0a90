/** What a LEEF 2.0 event says. */
export interface ParsedLeef {
  readonly host: string;
  readonly time: string;
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly eventId: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Names that LEEF gives a meaning of its own. Source: IBM, "LEEF event attributes" and "Predefined LEEF event attributes". */
const PREDEFINED = new Set(["devTime", "devTimeFormat", "cat", "sev", "usrName", "url", "policy", "resource", "role"]);

/**
 * Reads a line as the LEEF guide has it, written apart from the code that makes it: the header is split at bars, the delimiter is one
 * character or a hexadecimal number, each attribute at its first equals sign. Throws at the first thing that the guide forbids.
 */
export function parseLeef(line: string): ParsedLeef {
  demand(!/[\r\n\0]/.test(line), "one line");
  demand(Buffer.from(line, "utf8").toString("utf8") === line, "UTF-8");
  const begin = line.indexOf("LEEF:");
  demand(begin > 0 && line[begin - 1] === " ", "a space before LEEF:");
  const syslog = /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9.-]+) $/.exec(line.slice(0, begin));
  if (syslog === null) throw new Error(`not LEEF: the syslog header of ${line.slice(0, 80)}`);
  demand(Number(syslog[1]) <= 191, "a priority of syslog");
  const parts = line.slice(begin).split("|");
  const [version = "", vendor = "", product = "", productVersion = "", eventId = "", delimiterText = ""] = parts;
  demand(version === "LEEF:2.0", "version 2.0");
  demand(parts.length === 7, `a header of six fields, and no bar after it (${parts.length - 1} bars)`);
  for (const field of [vendor, product, productVersion, eventId])
    demand(field !== "" && field.trim() === field, "header fields");
  demand(eventId.length <= 255, "an EventID of at most 255 characters");
  const delimiter = delimiterOf(delimiterText);
  const attributes = new Map<string, string>();
  for (const pair of (parts[6] ?? "").split(delimiter)) {
    const equals = pair.indexOf("=");
    demand(equals > 0, `a key and a value (${JSON.stringify(pair.slice(0, 40))})`);
    const key = pair.slice(0, equals);
    demand(/^[A-Za-z][A-Za-z0-9]*$/.test(key), `a key of one word (${JSON.stringify(key)})`);
    demand(!attributes.has(key), `each key once (${key})`);
    demand(PREDEFINED.has(key) || key.startsWith("mdx"), `a key of its own (${key})`);
    attributes.set(key, pair.slice(equals + 1));
  }
  return {
    host: syslog[3] ?? "",
    time: syslog[2] ?? "",
    vendor,
    product,
    version: productVersion,
    eventId,
    attributes,
  };
}

function delimiterOf(text: string): string {
  if (text === "") return "\t";
  const hexadecimal = /^(?:0x|x)([0-9A-Fa-f]{2,4})$/.exec(text)?.[1];
  const delimiter = hexadecimal === undefined ? text : String.fromCharCode(Number.parseInt(hexadecimal, 16));
  demand(delimiter.length === 1, "a delimiter of one character");
  return delimiter;
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not LEEF: ${what}`);
}
