import { loadSchemaCheck } from "../schema-check.ts";
import {
  WireAlertSchema,
  WireEvidenceSchema,
  WireExpandedSchema,
  WireIncidentSchema,
  WirePageSchema,
  WireTaskSchema,
} from "./schema.ts";

export type WireChecks = Awaited<ReturnType<typeof compileAll>>;

let checks: Promise<WireChecks> | undefined;

/** Compiled once per process: tenants are many, and compiling takes a tenth of a second. */
export function loadWireChecks(): Promise<WireChecks> {
  checks ??= compileAll();
  return checks;
}

async function compileAll() {
  return {
    incident: await loadSchemaCheck(WireIncidentSchema),
    page: await loadSchemaCheck(WirePageSchema),
    expanded: await loadSchemaCheck(WireExpandedSchema),
    alert: await loadSchemaCheck(WireAlertSchema),
    evidence: await loadSchemaCheck(WireEvidenceSchema),
    task: await loadSchemaCheck(WireTaskSchema),
  };
}
