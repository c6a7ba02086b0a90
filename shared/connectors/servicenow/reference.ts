import type { Line } from "./line.ts";

/** What a configured name or `sys_id` of a group or a user stands for in the instance. */
export type Referred =
  { readonly kind: "found"; readonly id: string } | { readonly kind: "missing" | "ambiguous" | "unreadable" };

/** One column that points to a group or a user. */
export interface Reference {
  /** Asks the instance, once; what is not found is asked again after a minute. */
  resolve(signal: AbortSignal): Promise<Referred | undefined>;
  /** What is to be sent for the configured value; undefined where the instance has no such group or user: then nothing is. */
  toWire(): string | undefined;
  /** What the answered id stands for, in the words of the configuration; undefined where that cannot be told. */
  fromWire(answered: string): string | undefined;
}

const SYS_ID = /^[0-9a-f]{32}$/;
/** These would add a condition, or be run by the instance. */
const UNSAFE = /[\^\r\n]|^javascript:/i;
const AGAIN_MS = 60_000;

export function createReference(options: {
  readonly line: Line;
  readonly table: "sys_user_group" | "sys_user";
  /** The columns a name may stand in. */
  readonly names: readonly string[];
  /** "" where none is configured. */
  readonly configured: string;
  readonly clock: { now(): number };
}): Reference {
  const { line, table, names, configured, clock } = options;
  const path = `/api/now/table/${table}`;
  let known: { readonly referred: Referred; readonly askedAt: number } | undefined;

  return {
    async resolve(signal) {
      if (configured === "") return undefined;
      const isOld = known !== undefined && known.referred.kind !== "found" && clock.now() - known.askedAt >= AGAIN_MS;
      if (known === undefined || isOld) known = { referred: await ask(signal), askedAt: clock.now() };
      return known.referred;
    },
    toWire() {
      if (known?.referred.kind === "found") return known.referred.id;
      // What cannot be looked up is left to the instance, which takes names too.
      return known === undefined || known.referred.kind === "unreadable" ? configured : undefined;
    },
    fromWire(answered) {
      if (known?.referred.kind === "found" && answered === known.referred.id) return configured;
      const isNameConfigured = configured !== "" && !SYS_ID.test(configured);
      const cannotTell = isNameConfigured && known?.referred.kind !== "found" && SYS_ID.test(answered);
      return cannotTell ? undefined : answered;
    },
  };

  async function ask(signal: AbortSignal): Promise<Referred> {
    if (UNSAFE.test(configured)) return { kind: "unreadable" };
    const isId = SYS_ID.test(configured);
    const columns = isId ? ["sys_id"] : names;
    const query = {
      sysparm_query: columns.map((column) => `${column}=${configured}`).join("^OR"),
      sysparm_fields: ["sys_id", "active", ...names].join(","),
      sysparm_limit: "10",
    };
    const listed = await line.list(path, query, signal, [400, 403, 404]);
    if (typeof listed === "number") return { kind: "unreadable" };
    // Compared again: a condition that was not understood is left out, and other rows come back.
    const matching = listed.rows.filter((row) =>
      columns.some((column) => row[column]?.toLowerCase() === configured.toLowerCase()),
    );
    const active = matching.filter((row) => row["active"] !== "false");
    const [first, ...others] = active;
    if (first === undefined) {
      const isIgnored = listed.rows.length > matching.length || listed.total > listed.rows.length;
      return { kind: isIgnored ? "unreadable" : "missing" };
    }
    if (others.length > 0) return { kind: "ambiguous" };
    return { kind: "found", id: first["sys_id"] ?? "" };
  }
}
