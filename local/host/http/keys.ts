import { createHash, timingSafeEqual } from "node:crypto";

export interface HostKeys {
  /** Opens everything, and alone opens `admin/…` and functions of level admin. */
  readonly master: string;
  /** One key for all functions, or keys by function name, where `default` is good for all of them. */
  readonly functions: string | Readonly<Record<string, string>>;
}

export interface KeyRing {
  isMaster(given: string | undefined): boolean;
  opensFunction(name: string, given: string | undefined): boolean;
}

export function createKeyRing(keys: HostKeys): KeyRing {
  const byName = new Map(
    Object.entries(typeof keys.functions === "string" ? { default: keys.functions } : keys.functions),
  );
  for (const [name, key] of [["master", keys.master] as const, ...byName]) {
    if (key === "") throw new Error(`the ${name} key is empty; an empty key would open the host to anyone`);
  }
  const isMaster = (given: string | undefined): boolean => isSameKey(given, keys.master);
  return {
    isMaster,
    opensFunction: (name, given) =>
      [isMaster(given), isSameKey(given, byName.get("default")), isSameKey(given, byName.get(name))].includes(true),
  };
}

/** What a caller gives as key: the header first, then `?code=`. */
export function givenKey(header: string | string[] | undefined, query: URLSearchParams): string | undefined {
  if (header !== undefined) return Array.isArray(header) ? header[0] : header;
  return query.get("code") ?? undefined;
}

/** Digests, so that neither the length nor the first wrong character shows in the time taken. */
function isSameKey(given: string | undefined, key: string | undefined): boolean {
  if (given === undefined || key === undefined) return false;
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(key).digest());
}
