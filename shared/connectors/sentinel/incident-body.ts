import { labelsOf } from "./mapping.ts";
import type { WireIncident } from "./schema.ts";

/** A PUT replaces what it may write, so all of that goes back as it was read; what is read-only is left out. */
export interface IncidentBody {
  readonly etag?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const WRITABLE = [
  "title",
  "description",
  "severity",
  "status",
  "classification",
  "classificationComment",
  "classificationReason",
  "firstActivityTimeUtc",
  "lastActivityTimeUtc",
] as const;

const WRITABLE_OF_OWNER = ["objectId", "email", "assignedTo", "userPrincipalName", "ownerType"] as const;

/** The incident with these labels; undefined where it has them already. Others' labels stay, in their order. */
export function withLabels(
  incident: WireIncident,
  changes: { readonly add: readonly string[]; readonly remove: readonly string[] },
): IncidentBody | undefined {
  const before = labelsOf(incident);
  const kept = before.filter((label) => !changes.remove.includes(label));
  const after = [...kept, ...changes.add.filter((label) => !kept.includes(label))];
  if (after.length === before.length && after.every((label, index) => label === before[index])) return undefined;
  const { properties, etag } = incident;
  const owner = present(properties.owner ?? {}, WRITABLE_OF_OWNER);
  return {
    ...(typeof etag === "string" ? { etag } : {}),
    properties: {
      ...present(properties, WRITABLE),
      ...(Object.keys(owner).length === 0 ? {} : { owner }),
      labels: after.map((labelName) => ({ labelName })),
    },
  };
}

function present(from: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] === null || from[name] === undefined ? [] : [[name, from[name]]])),
  );
}
