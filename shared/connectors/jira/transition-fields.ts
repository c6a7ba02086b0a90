import { RESOLUTION } from "./mapping-options.ts";
import type { WireScreenField, WireTransition } from "./schema.ts";
import { sameName, spelled } from "./status.ts";

/** What a transition's screen is filled with, and what it demands that nobody gave. */
export interface FilledScreen {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly missing: readonly string[];
}

/** A resolution where the screen has one, and what the mapping gives for the fields on it; nothing that is not on the screen. */
export function fillScreen(
  transition: WireTransition,
  given: Readonly<Record<string, unknown>>,
  resolution: string | undefined,
): FilledScreen {
  const fields: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [id, field] of Object.entries(transition.fields ?? {})) {
    const value = id === "resolution" ? (toResolution(field, resolution) ?? given[id]) : given[id];
    if (value !== undefined) fields[id] = value;
    else if (field.required === true && field.hasDefaultValue !== true) missing.push(nameOf(id, field));
  }
  return { fields, missing };
}

/** The wanted one as it is offered, or the one that every Jira has; undefined where neither is offered. */
function toResolution(field: WireScreenField, wanted: string | undefined): { readonly name: string } | undefined {
  const offered = namesOf(field);
  const name = [wanted, RESOLUTION].find(
    (choice) => choice !== undefined && (offered.length === 0 || offered.some((one) => sameName(one, choice))),
  );
  return wanted === undefined || name === undefined ? undefined : { name: spelled(name, offered) };
}

export function namesOf(field: WireScreenField): readonly string[] {
  return offeredIn(field, "name");
}

export function idsOf(field: WireScreenField): readonly string[] {
  return offeredIn(field, "id");
}

function offeredIn({ allowedValues = [] }: WireScreenField, part: "id" | "name"): readonly string[] {
  return allowedValues.flatMap((value) => {
    const { [part]: text } = (value ?? {}) as { id?: unknown; name?: unknown };
    return typeof text === "string" ? [text] : [];
  });
}

function nameOf(id: string, field: WireScreenField): string {
  const offered = namesOf(field);
  const choices = offered.length === 0 ? "" : `, one of ${offered.slice(0, 10).join(", ")}`;
  return `${field.name ?? id} (${id}${choices})`;
}
