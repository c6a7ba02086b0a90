import type { TicketChanges, TicketFields } from "../connector.ts";
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

/** The incident with these changes; undefined where it has them already. Others' labels stay, in their order. */
export function withChanges(incident: WireIncident, { values, tags }: TicketChanges): IncidentBody | undefined {
  const before = labelsOf(incident);
  const kept = before.filter((label) => !tags.remove.includes(label));
  const after = [...kept, ...tags.add.filter((label) => !kept.includes(label))];
  const hasLabels = after.length === before.length && after.every((label, index) => label === before[index]);
  const { properties, etag } = incident;
  const changed = WRITABLE.filter((name) => values[name] !== undefined && values[name] !== (properties[name] ?? ""));
  const { owner: assignee } = values;
  const isReassigned = assignee !== undefined && assignee !== (properties.owner?.assignedTo ?? "");
  if (hasLabels && changed.length === 0 && !isReassigned) return undefined;
  const owner = isReassigned ? ownerOf(assignee) : present(properties.owner ?? {}, WRITABLE_OF_OWNER);
  return {
    ...(typeof etag === "string" ? { etag } : {}),
    properties: {
      ...filled({
        ...present(properties, WRITABLE),
        ...Object.fromEntries(changed.map((name) => [name, values[name]])),
      }),
      ...(Object.keys(owner).length === 0 ? {} : { owner }),
      labels: after.map((labelName) => ({ labelName })),
    },
  };
}

/** A new incident. */
export function toBody({ values, tags }: TicketFields): IncidentBody {
  const { owner = "" } = values;
  return {
    properties: {
      ...filled(present(values, WRITABLE)),
      status: values["status"] ?? "New",
      ...(owner === "" ? {} : { owner: ownerOf(owner) }),
      labels: tags.map((labelName) => ({ labelName })),
    },
  };
}

/** By name alone, for an assignee of Defender need be no user of the workspace; nobody for "". */
function ownerOf(assignedTo: string): Readonly<Record<string, unknown>> {
  return { objectId: null, email: null, assignedTo: assignedTo === "" ? null : assignedTo, userPrincipalName: null };
}

/** Sentinel has no empty classification: it is left out, and so gone. */
function filled(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).filter(([name, value]) => value !== "" || !name.startsWith("classification")),
  );
}

function present(from: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] === null || from[name] === undefined ? [] : [[name, from[name]]])),
  );
}
