/** What a list was asked for, beyond its filter. */
export interface PageRequest {
  readonly top: number;
  readonly skip: number;
  readonly count: boolean;
  /** Keeps the pages of one walk in one random order. */
  readonly shuffle: number;
}

export interface PageLimits {
  readonly defaultTop: number;
  readonly maximumTop: number;
  readonly maximumSkip: number;
}

/** The page a query asks for, or the sentence it is refused with. */
export function readPageRequest(query: URLSearchParams, limits: PageLimits): PageRequest | string {
  const count = query.get("$count") === "true";
  const token = query.get("$skiptoken");
  const top = numberIn(query.get("$top"), limits.defaultTop);
  if (top === undefined || top === 0)
    return `The query specified in the URI is not valid. Invalid value '${query.get("$top")}' for $top query option found.`;
  if (top > limits.maximumTop) return overLimit("Top", limits.maximumTop, top);
  if (token !== null) {
    const [skip, shuffle] = readToken(token);
    if (skip === undefined || shuffle === undefined)
      return "The query specified in the URI is not valid. The skip token is not valid.";
    return { top, skip, count, shuffle };
  }
  const skip = numberIn(query.get("$skip"), 0);
  if (skip === undefined)
    return `The query specified in the URI is not valid. Invalid value '${query.get("$skip")}' for $skip query option found.`;
  if (skip > limits.maximumSkip) return overLimit("Skip", limits.maximumSkip, skip);
  return { top, skip, count, shuffle: 1 };
}

/** The query string of the next page: the same, further on. */
export function nextQuery(query: URLSearchParams, page: PageRequest, skip: number, kind: "skip" | "skiptoken"): string {
  const next = new URLSearchParams(query);
  next.delete("$skiptoken");
  next.delete("$skip");
  if (kind === "skip") next.set("$skip", String(skip));
  else next.set("$skiptoken", Buffer.from(`${skip}:${page.shuffle}`).toString("base64url"));
  return next.toString().replaceAll("+", "%20").replaceAll("%24", "$");
}

/** A fixed disorder: the same rows in the same odd order for the same number. */
export function shuffled<Row>(rows: readonly Row[], seed: number): Row[] {
  const mixed = [...rows];
  let state = seed >>> 0;
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [mixed[index], mixed[other]] = [mixed[other] as Row, mixed[index] as Row];
  }
  return mixed;
}

function overLimit(name: "Top" | "Skip", limit: number, value: number): string {
  return `The query specified in the URI is not valid. The limit of '${limit}' for ${name} query has been exceeded. The value from the incoming request is '${value}'.`;
}

function numberIn(text: string | null, fallback: number): number | undefined {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function readToken(token: string): readonly [skip: number | undefined, shuffle: number | undefined] {
  const [, skip, shuffle] = /^(\d{1,9}):(\d{1,10})$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  return [skip === undefined ? undefined : Number(skip), shuffle === undefined ? undefined : Number(shuffle)];
}
