import { parseBounded } from "./parse-bounded.ts";

/** Who was signed in by App Service authentication. Source: Microsoft Learn, "Work with user identities in Azure App Service authentication". */
export interface ClientPrincipal {
  readonly name: string;
  readonly roles: readonly string[];
}

/** The platform writes it, and takes away what a caller wrote: but only where App Service authentication is on. */
export const PRINCIPAL_HEADER = "x-ms-client-principal";

const MAX_CHARACTERS = 64 * 1_024;
const MAX_NAME = 200;

interface Claim {
  readonly typ?: unknown;
  readonly val?: unknown;
}

/** Undefined for what is none. */
export function clientPrincipalOf(header: string | null): ClientPrincipal | undefined {
  if (header === null || header === "" || header.length > MAX_CHARACTERS) return undefined;
  const value = parseBounded(Buffer.from(header, "base64"))?.value;
  if (typeof value !== "object" || value === null) return undefined;
  const { claims, name_typ: nameType, role_typ: roleType } = value as Readonly<Record<string, unknown>>;
  if (!Array.isArray(claims)) return undefined;
  const valuesOf = (types: readonly unknown[]): readonly string[] =>
    (claims as readonly (Claim | null)[]).flatMap((claim) =>
      typeof claim?.typ === "string" && typeof claim.val === "string" && types.includes(claim.typ) ? [claim.val] : [],
    );
  const [name = ""] = valuesOf([nameType, "preferred_username", "name"]);
  return { name: name.slice(0, MAX_NAME), roles: valuesOf([roleType, "roles"]) };
}
