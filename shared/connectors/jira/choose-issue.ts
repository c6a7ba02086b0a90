import type { CorrelationKey } from "../../incident/correlation-key.ts";
import { PROPERTY } from "./label.ts";
import type { WireIssue } from "./schema.ts";
import { categoryOf } from "./status.ts";

/** The correlation key that an issue's property holds; undefined where the property was not answered or is not there. */
export function propertyKey(issue: WireIssue): string | undefined {
  const { key } = (issue.properties?.[PROPERTY] ?? {}) as { key?: unknown };
  return typeof key === "string" ? key : undefined;
}

/**
 * Of issues with an incident's label, oldest first: the one that is its ticket, and those that somebody should merge. A person's clone has
 * the label and not the property; one that is open comes before those that it continues, which are closed. In another project, where people
 * may have moved it, only the property proves it.
 */
export function chooseIssue(
  found: readonly WireIssue[],
  key: CorrelationKey,
  project: string,
  except: ReadonlySet<string> = new Set(),
): { readonly issue: WireIssue; readonly duplicates: readonly string[] } | undefined {
  const isOurs = (issue: WireIssue): boolean => {
    const proof = propertyKey(issue);
    return proof === key || (proof === undefined && projectOf(issue.key) === project);
  };
  const ours = found.filter(isOurs);
  const proven = ours.filter((issue) => propertyKey(issue) === key);
  // Beside an issue with the property, one without is a clone: also where the other is let go of.
  const candidates = (proven.length > 0 ? proven : ours).filter((issue) => !except.has(issue.id));
  const [oldest, ...others] = candidates.filter(({ fields }) => categoryOf(fields.status) !== "done");
  const issue = oldest ?? candidates.at(-1);
  return issue === undefined ? undefined : { issue, duplicates: others.map((other) => other.key) };
}

/** `SEC` of `SEC-29`. */
export function projectOf(issueKey: string): string {
  return issueKey.slice(0, issueKey.lastIndexOf("-"));
}
