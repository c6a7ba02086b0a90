import type { Overview } from "../../shared/pipeline/overview/overview.ts";

/** The answer is no overview: a proxy's own page, or a server of another version. */
export class UnreadableAnswer extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UnreadableAnswer";
  }
}

/** Checks the outline only: the same deployment serves page and overview, but a proxy in between may answer with something else. */
export function parseOverview(text: string): Overview {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value["generatedAt"] !== "number") {
    throw new UnreadableAnswer("the answer is no overview of dex-sync");
  }
  for (const list of ["tenants", "connectors", "incidents"]) {
    if (!Array.isArray(value[list])) throw new UnreadableAnswer(`the overview lacks its list of ${list}`);
  }
  return value as unknown as Overview;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnreadableAnswer("the answer is not JSON", { cause: error });
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
