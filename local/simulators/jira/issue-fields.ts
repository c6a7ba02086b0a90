import { isObject } from "../http/message.ts";
import { isDocument, textsOf } from "./check-adf.ts";
import { type JiraProject, PORTAL, REQUEST_TYPE_FIELD, typesOf } from "./jira-project.ts";

const TEXT_MAX = 32_767;
const SUMMARY_MAX = 255;
const LABEL_MAX = 255;
const TOO_LONG = `The entered text is too long. It exceeds the allowed limit of ${TEXT_MAX.toLocaleString("en")} characters.`;

/** What is wrong with fields that are sent, by field; empty where they are taken. */
export function fieldErrors(
  fields: Readonly<Record<string, unknown>>,
  project: JiraProject,
  flavor: "cloud" | "dataCenter",
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const problem = problemOf(name, value, project, flavor);
    if (problem !== undefined) errors[name] = problem;
  }
  return errors;
}

function problemOf(
  name: string,
  value: unknown,
  project: JiraProject,
  flavor: "cloud" | "dataCenter",
): string | undefined {
  switch (name) {
    case "project":
      return isObject(value) && value["key"] === project.key ? undefined : "valid project is required";
    case "issuetype":
      return isObject(value) &&
        typesOf(project).some((type, index) => value["name"] === type || value["id"] === typeId(index))
        ? undefined
        : "Specify a valid issue type";
    case "summary":
      return summaryProblem(value);
    case "description":
      return richTextProblem(value, flavor);
    case "priority":
      return isObject(value) &&
        project.priorities.some((one, index) => value["name"] === one || value["id"] === String(index + 1))
        ? undefined
        : "The priority selected is invalid.";
    case "labels":
      return Array.isArray(value) ? labelProblem(value) : "data was not an array";
    case "parent":
      return isObject(value) && typeof (value["id"] ?? value["key"]) === "string"
        ? undefined
        : "data was not an object";
    case REQUEST_TYPE_FIELD:
      return requestTypeProblem(value, project, flavor);
    default:
      return Object.hasOwn(project.requiredFields, name)
        ? undefined
        : `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  }
}

/** Cloud takes the type's id, Data Center the keys of portal and type; neither takes a name. */
function requestTypeProblem(
  value: unknown,
  { kind, requestTypes }: JiraProject,
  flavor: "cloud" | "dataCenter",
): string | undefined {
  if (kind !== "service_desk")
    return `Field '${REQUEST_TYPE_FIELD}' cannot be set. It is not on the appropriate screen, or unknown.`;
  if (typeof value !== "string") return "Operation value must be a string";
  const isKnown = requestTypes.some(({ id, key }) => value === (flavor === "cloud" ? id : `${PORTAL}/${key}`));
  return isKnown ? undefined : "The request type is not valid.";
}

export function typeId(index: number): string {
  return String(10_100 + index);
}

function summaryProblem(value: unknown): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return "You must specify a summary of the issue.";
  if (/[\n\r]/.test(value)) return "The summary is invalid because it contains newline characters.";
  return value.length > SUMMARY_MAX ? `Summary must be less than ${SUMMARY_MAX} characters.` : undefined;
}

export function richTextProblem(value: unknown, flavor: "cloud" | "dataCenter"): string | undefined {
  if (flavor === "dataCenter") {
    if (typeof value !== "string") return "Operation value must be a string";
    return value.length > TEXT_MAX ? TOO_LONG : undefined;
  }
  if (value === null) return undefined;
  if (!isObject(value)) return "Operation value must be an Atlassian Document (see the Atlassian Document Format)";
  if (!isDocument(value)) return "INVALID_INPUT";
  return textsOf(value).join("").length > TEXT_MAX ? "CONTENT_LIMIT_EXCEEDED" : undefined;
}

export function labelProblem(labels: readonly unknown[]): string | undefined {
  for (const label of labels) {
    if (typeof label !== "string" || label === "") return "data was not an array of strings";
    if (/\s/.test(label)) return `The label '${label}' contains spaces which is invalid.`;
    if (label.length > LABEL_MAX)
      return `The label '${label.slice(0, 20)}…' exceeds the maximum length of ${LABEL_MAX}.`;
  }
  return undefined;
}
