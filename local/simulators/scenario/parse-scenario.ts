import type { IncidentFields } from "../graph/incident-record.ts";
import { createFieldReader, type FieldReader, ScenarioError } from "./field-reader.ts";
import { parseAlert, parseIncidentFields, parseTask, parseTexts } from "./parse-fields.ts";
import { type Action, ACTIONS, type Scenario, type Step } from "./scenario.ts";

const COMMON = ["at", "incident", "do"] as const;

/** A scenario from JSON; throws a ScenarioError that names the step and what is wrong with it. */
export function parseScenario(value: unknown, file: string): Scenario {
  const reader = createFieldReader(value, file);
  reader.only(["name", "description", "steps"]);
  const steps = reader.list("steps").flatMap((step, index) => parseStep(step, `${file}, step ${index + 1}`));
  const ordered = steps.toSorted((left, right) => left.atMs - right.atMs);
  checkNames(ordered, file);
  return { name: reader.text("name"), description: reader.textOr("description", ""), steps: ordered };
}

function parseStep(value: unknown, place: string): readonly Step[] {
  const reader = createFieldReader(value, place);
  const atMs = reader.duration("at");
  const incident = reader.text("incident");
  const word = reader.text("do");
  const at = `${place} (${reader.text("at")}, ${word} ${incident})`;
  const kind = ACTIONS.find((known) => known === word);
  if (kind === undefined) throw new ScenarioError(`${place}: "do" must be one of ${ACTIONS.join(", ")}`);
  if (kind === "burst") return parseBurst(reader, { atMs, incident }, at);
  return [{ atMs, incident, action: parseAction(kind, reader, at) }];
}

function parseAction(kind: Action["do"], reader: FieldReader, at: string): Action {
  switch (kind) {
    case "create":
      reader.only([...COMMON, "set", "alerts"]);
      return {
        do: kind,
        set: parseIncidentFields(reader.value("set"), `${at}, set`),
        alerts: reader.listOr("alerts").map((alert, index) => parseAlert(alert, `${at}, alert ${index + 1}`)),
      };
    case "change":
      reader.only([...COMMON, "set"]);
      return { do: kind, set: parseIncidentFields(reader.value("set"), `${at}, set`) };
    case "reopen": {
      reader.only([...COMMON, "set"]);
      const set: IncidentFields = reader.has("set") ? parseIncidentFields(reader.value("set"), `${at}, set`) : {};
      return { do: kind, set: { status: "active", resolvingComment: null, ...set } };
    }
    case "comment":
      reader.only([...COMMON, "by", "text"]);
      return { do: kind, by: reader.textOr("by", "Defender Experts"), text: reader.text("text") };
    case "alert":
      reader.only([...COMMON, "set"]);
      return { do: kind, alert: parseAlert(reader.value("set"), `${at}, set`) };
    case "remediate":
      reader.only([...COMMON, "from", "to", "investigation"]);
      return {
        do: kind,
        from: reader.text("from"),
        to: reader.text("to"),
        investigation: reader.textOr("investigation", ""),
      };
    case "task":
      reader.only([...COMMON, "task", "set"]);
      return { do: kind, task: reader.text("task"), set: parseTask(reader.value("set"), `${at}, set`) };
    case "taskStatus":
      reader.only([...COMMON, "task", "status", "by"]);
      return {
        do: kind,
        task: reader.text("task"),
        status: reader.text("status"),
        by: reader.textOr("by", "Customer"),
      };
    case "merge":
      reader.only([...COMMON, "into"]);
      return { do: kind, into: reader.text("into") };
    case "ticket":
      reader.only([...COMMON, "by", "set"]);
      return { do: kind, by: reader.textOr("by", "beth.anglin"), set: parseTexts(reader.value("set"), `${at}, set`) };
  }
}

/** Many changes in quick succession, going round the `cycle`. */
function parseBurst(
  reader: FieldReader,
  { atMs, incident }: Pick<Step, "atMs" | "incident">,
  at: string,
): readonly Step[] {
  reader.only([...COMMON, "times", "every", "cycle"]);
  const times = Math.trunc(reader.number("times", 1, 10_000));
  const everyMs = reader.duration("every");
  const cycle = reader.list("cycle").map((set, index) => parseIncidentFields(set, `${at}, cycle ${index + 1}`));
  if (cycle.length === 0) throw new ScenarioError(`${at}: "cycle" must not be empty`);
  return Array.from({ length: times }, (_, turn) => {
    const set = cycle[turn % cycle.length] ?? {};
    return { atMs: atMs + turn * everyMs, incident, action: { do: "change", set } };
  });
}

/** Incidents and tasks must be there before something happens to them. */
function checkNames(steps: readonly Step[], file: string): void {
  const incidents = new Set<string>();
  const tasks = new Set<string>();
  for (const { incident, action } of steps) {
    const place = `${file}, ${action.do} ${incident}`;
    if (action.do === "create") {
      if (incidents.has(incident)) throw new ScenarioError(`${place}: the incident is created twice`);
      incidents.add(incident);
      continue;
    }
    const needed = action.do === "merge" ? [incident, action.into] : [incident];
    const missing = needed.find((name) => !incidents.has(name));
    if (missing !== undefined) throw new ScenarioError(`${place}: "${missing}" has not been created by then`);
    if (action.do === "task") tasks.add(action.task);
    if (action.do === "taskStatus" && !tasks.has(action.task))
      throw new ScenarioError(`${place}: the task "${action.task}" has not been made by then`);
  }
}
