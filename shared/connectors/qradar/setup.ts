import type { SetupReport, SetupStep } from "../connector.ts";
import type { QRadarClient } from "./client.ts";
import { usable } from "./closing-reasons.ts";
import { EVENT_IDS } from "./leef-of-event.ts";
import type { Line } from "./line.ts";
import { type FullMapping, OWN_REASON } from "./mapping-options.ts";
import {
  createLeefExpression,
  createLogSource,
  createProperty,
  findLogSource,
  findLogSourceType,
  findProperty,
  hasLeefExpression,
} from "./setup-calls.ts";

export interface SetupOptions {
  readonly line: Line;
  readonly client: QRadarClient;
  readonly source: string;
  readonly logSource: string;
  readonly referenceTable: string;
  readonly mapping: FullMapping;
  /** Where events are to be received. */
  readonly receiver: { readonly port: number; readonly isEncrypted: boolean };
}

const INDEX_PROPERTY = "mdxKey";
const PROPERTIES = [INDEX_PROPERTY, "mdxIncidentId", "mdxStage"];
const LOG_SOURCE_TYPE = "Universal LEEF";

/** Makes what REST can make, each thing once; says what is left. A step that fails does not keep the others from being done. */
export async function setUpQRadar(options: SetupOptions, signal: AbortSignal): Promise<SetupReport> {
  const { line, client, logSource, referenceTable, source, mapping } = options;
  const done: SetupStep[] = [];
  // What is refused as a whole is said once, and nothing tried.
  await client.offenses(undefined, 0, signal);
  let typeId: number | undefined;

  if (referenceTable !== "")
    await step(`reference table ${referenceTable}`, async () => {
      if (await client.hasTable(referenceTable, signal)) return "was there";
      return (await client.createTable(referenceTable, signal)) ? "made" : "was there";
    });
  await step(`log source "${logSource}"`, async () => {
    typeId = (await findLogSourceType(line, LOG_SOURCE_TYPE, signal))?.id;
    if (typeId === undefined) throw new Error(`this console has no log source type "${LOG_SOURCE_TYPE}"`);
    const found = await findLogSource(line, logSource, signal);
    if (found === "unreadable") throw new Error("this account may not read log sources");
    if (found !== undefined) return "was there";
    await createLogSource(line, { name: logSource, identifier: source, typeId }, signal);
    return "made";
  });
  for (const name of PROPERTIES) await step(`custom property ${name}`, () => ensureProperty(name));
  if (mapping.close && Object.values(mapping.closingReasons).includes(OWN_REASON))
    await step(`closing reason "${OWN_REASON}"`, async () => {
      if (usable(await client.closingReasons(signal), OWN_REASON) !== undefined) return "was there";
      return (await client.createClosingReason(OWN_REASON, signal)) ? "made" : "was there";
    });
  return { done, toDo: stepsForPeople(options) };

  async function ensureProperty(name: string): Promise<"made" | "was there"> {
    if (typeId === undefined) throw new Error("without the log source type nothing can be taken out of its events");
    const found = await findProperty(line, name, signal);
    if (found?.use_for_rule_engine === false)
      throw new Error("it is there, but not parsed in advance for rules; turn that on in the console");
    const property = found?.identifier ?? (await createProperty(line, name, signal));
    // An earlier run may have been cut short between the two.
    if (found !== undefined && (await hasLeefExpression(line, { property, typeId }, signal))) return "was there";
    await createLeefExpression(line, { property, key: name, typeId }, signal);
    return "made";
  }

  async function step(what: string, work: () => Promise<"made" | "was there">): Promise<void> {
    try {
      done.push({ what, outcome: await work() });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      done.push({ what, outcome: "failed", detail: error.message });
    }
  }
}

function stepsForPeople({ logSource, source, receiver }: SetupOptions): readonly string[] {
  const listener = receiver.isEncrypted
    ? [
        `Admin > Log Sources: a log source with protocol TLS Syslog that listens on port ${receiver.port} must exist (any type; one listener serves all). For client certificates choose "TLS and Client Authentication" and give it the authority of ours.`,
      ]
    : [];
  return [
    ...listener,
    "Admin > Deploy Changes, so that the log source and the properties take effect.",
    `Check that "${logSource}" has the identifier ${source}, and Coalescing Events off.`,
    `Offenses > Rules > Actions > New Event Rule: "when the event(s) were detected by one or more of ${logSource}" and "when the event matches EventID is any of ${[EVENT_IDS.opened, EVENT_IDS.inProgress, EVENT_IDS.awaitingCustomerAction, EVENT_IDS.reopened].join(", ")}".`,
    `Rule Response: "Ensure the detected event is part of an offense", Index offense based on ${INDEX_PROPERTY} (custom). Do not dispatch a new event: an offense of a dispatched event cannot be indexed by a custom property.`,
    "Then `dex-sync doctor` should find nothing wrong, and the first incident should have its offense within a minute.",
  ];
}
