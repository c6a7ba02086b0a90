import { createFieldReader, ScenarioError } from "./field-reader.ts";
import { parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";

/** Stories played again and again, side by side. */
export interface Demo {
  readonly name: string;
  /** So many incidents that are over are kept; older ones are forgotten. */
  readonly keep: number;
  readonly plays: readonly DemoPlay[];
}

export interface DemoPlay {
  readonly scenario: Scenario;
  readonly atMs: number;
  readonly everyMs: number;
  readonly compression: number;
}

/** The demo's times are real; each play compresses its own story. */
export function parseDemo(value: unknown, file: string, stories: Readonly<Record<string, unknown>>): Demo {
  const reader = createFieldReader(value, file);
  reader.only(["name", "description", "keep", "plays"]);
  const plays = reader.list("plays").map((play, index) => parsePlay(play, `${file}, play ${index + 1}`, stories));
  return { name: reader.text("name"), keep: reader.number("keep", 1, 100_000), plays };
}

function parsePlay(value: unknown, place: string, stories: Readonly<Record<string, unknown>>): DemoPlay {
  const reader = createFieldReader(value, place);
  reader.only(["scenario", "at", "every", "compression"]);
  const name = reader.text("scenario");
  if (!Object.hasOwn(stories, name))
    throw new ScenarioError(`${place}: there is no scenario "${name}"; there are ${Object.keys(stories).join(", ")}`);
  const everyMs = reader.duration("every");
  if (everyMs < 1000) throw new ScenarioError(`${place}: "every" must be at least PT1S`);
  return {
    scenario: parseScenario(stories[name], `${name}.json`),
    atMs: reader.duration("at"),
    everyMs,
    compression: reader.number("compression", 0.001, 100_000),
  };
}
