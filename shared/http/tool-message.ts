const LONGEST = 300;

/** What a tool says of its refusal, for people: cut short, on one line. "" where it says nothing readable. */
export function toolMessage(body: string): string {
  const said = messageIn(parsed(body))
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();
  // A pair cut in two is taken away whole.
  return said === "" ? "" : ` (${said.slice(0, LONGEST).replace(/\p{Surrogate}$/u, "")})`;
}

function messageIn(value: unknown): string {
  if (!isRecord(value)) return "";
  const { error, error_description: description, message, errorMessages, errors, detail } = value;
  if (isRecord(error)) return texts([error["message"], error["detail"]], ": ");
  const listed = Array.isArray(errorMessages) ? (errorMessages as readonly unknown[]) : [];
  const fields = isRecord(errors) ? Object.entries(errors).map(([name, problem]) => field(name, problem)) : [];
  return texts([error, description, message, detail, ...listed, ...fields], "; ");
}

/** A problem with one field, as Jira names them. */
function field(name: string, problem: unknown): string {
  return typeof problem === "string" ? `${name}: ${problem}` : "";
}

function texts(parts: readonly unknown[], separator: string): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join(separator);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
