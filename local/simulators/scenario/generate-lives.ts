import type { AlertFields } from "../graph/alert-record.ts";
import type { Action, Scenario, Step } from "./scenario.ts";

export interface LoadOptions {
  readonly incidents: number;
  readonly seed: number;
  readonly durationMs: number;
}

const TITLES = [
  "Suspicious PowerShell command line on one endpoint",
  "Multi-stage incident involving Initial access & Lateral movement on multiple endpoints",
  "Password spray attack involving one user",
  "Ransomware activity on one endpoint",
  'Malware <script>alert("x")</script>.docx prevented on one endpoint',
  "Email messages containing malicious URL removed after delivery",
] as const;
const TECHNIQUES = ["T1059.001", "T1566.002", "T1078", "T1021.001", "T1486"] as const;
const VERDICTS = [
  { classification: "falsePositive", determination: "notMalicious" },
  { classification: "informationalExpectedActivity", determination: "securityTesting" },
  { classification: "truePositive", determination: "malware" },
  { classification: "truePositive", determination: "compromisedAccount" },
] as const;

/** Lives of many incidents, for load and kill tests: the same for the same seed, stamps apart. */
export function generateLives({ incidents, seed, durationMs }: LoadOptions): Scenario {
  const steps: Step[] = [];
  const births: number[] = [];
  for (let number = 0; number < incidents; number += 1) {
    const random = createRandom(seed * 1_000_003 + number);
    const birthMs = random() * durationMs * 0.5;
    births.push(birthMs);
    const before = number % 2 === 1 ? births[number - 1] : undefined;
    steps.push(...lifeOf(number, birthMs, durationMs, before, random));
  }
  steps.sort((left, right) => left.atMs - right.atMs);
  return { name: `load of ${incidents} incidents, seed ${seed}`, description: "", steps };
}

/** An incident with an odd number may be merged into the one before it, which is never merged itself. */
function lifeOf(
  number: number,
  birthMs: number,
  endMs: number,
  neighbourBirthMs: number | undefined,
  random: () => number,
): readonly Step[] {
  const incident = `i${number}`;
  const merges = neighbourBirthMs !== undefined && random() < 0.08;
  const actions = [...middleOf(number, random), ...(merges ? [] : endOf(random))];
  const title = `${pick(TITLES, random)} (${number})`;
  const severity = pick(["high", "medium", "low"], random);
  const create: Action = { do: "create", set: { displayName: title, severity }, alerts: [alertOf(number, random)] };
  const marks = actions.map(() => birthMs + random() * (endMs - birthMs)).sort((left, right) => left - right);
  const middle = actions.map((action, index) => ({ atMs: marks[index] ?? birthMs, incident, action }));
  const life: Step[] = [{ atMs: birthMs, incident, action: create }, ...middle];
  if (merges && neighbourBirthMs !== undefined) {
    const atMs = Math.max(endMs, neighbourBirthMs);
    life.push({ atMs, incident, action: { do: "merge", into: `i${number - 1}` } });
  }
  return life;
}

function middleOf(number: number, random: () => number): readonly Action[] {
  const actions: Action[] = [{ do: "change", set: { status: "inProgress", assignedTo: "@experts" } }];
  const comments = Math.floor(random() * 4);
  for (let index = 0; index < comments; index += 1) {
    actions.push({
      do: "comment",
      by: "Defender Experts",
      text: `Finding ${index + 1} on incident i${number}: ${pick(TECHNIQUES, random)} <b>seen</b>.`,
    });
  }
  if (random() < 0.3) actions.push({ do: "alert", alert: alertOf(number + 1, random) });
  if (random() < 0.5) {
    actions.push({
      do: "change",
      set: {
        status: "awaitingAction",
        assignedTo: "@customer",
        classification: "truePositive",
        determination: "malware",
      },
    });
    actions.push({
      do: "comment",
      by: "Defender Experts",
      text: `Please act on incident i${number}: isolate the device.`,
    });
  }
  if (random() < 0.05) {
    for (let turn = 0; turn < 12; turn += 1)
      actions.push({
        do: "change",
        set: { severity: turn % 2 === 0 ? "high" : "medium", customTags: [`wave-${turn}`] },
      });
  }
  return actions;
}

function endOf(random: () => number): readonly Action[] {
  const resolve: Action = {
    do: "change",
    set: { status: "resolved", assignedTo: "@nobody", ...pick(VERDICTS, random) },
  };
  if (random() < 0.1) return [];
  return random() < 0.07 ? [resolve, { do: "reopen", set: { status: "active" } }, resolve] : [resolve];
}

function alertOf(number: number, random: () => number): AlertFields {
  const name = `ws-${String(number % 500).padStart(4, "0")}.contoso.example`;
  return {
    title: "Suspicious activity observed",
    severity: "medium",
    category: "Execution",
    mitreTechniques: [pick(TECHNIQUES, random)],
    evidence: [
      { kind: "device", name },
      { kind: "user", upn: `user${number % 900}@contoso.example` },
    ],
  };
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** mulberry32: small, fast, the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
