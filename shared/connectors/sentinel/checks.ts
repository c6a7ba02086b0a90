import { RetryableError } from "../../errors.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import {
  WireCommentSchema,
  type WireIncident,
  WireIncidentSchema,
  WirePageSchema,
  type WireTask,
  WireTaskSchema,
} from "./schema.ts";

/** What Sentinel's answers must look like; loaded with the first of them. */
export interface Checks {
  readonly checkIncident: SchemaCheck<WireIncident>;
  readonly checkPage: SchemaCheck<{ value: unknown[]; nextLink?: string | null }>;
  readonly checkComment: SchemaCheck<{ name: string }>;
  readonly checkTask: SchemaCheck<WireTask>;
}

export async function loadChecks(): Promise<Checks> {
  return {
    checkIncident: await loadSchemaCheck(WireIncidentSchema),
    checkPage: await loadSchemaCheck(WirePageSchema),
    checkComment: await loadSchemaCheck(WireCommentSchema),
    checkTask: await loadSchemaCheck(WireTaskSchema),
  };
}

export function trusted<T>(checked: ReturnType<SchemaCheck<T>>): T {
  if ("value" in checked) return checked.value;
  throw new RetryableError(
    "unreadable",
    `Sentinel's answer has another shape (${checked.problems.join("; ").slice(0, 300)})`,
  );
}
