import { type Composition, compose } from "../../shared/composition.ts";
import { ConfigError } from "../../shared/config/config.ts";
import { loadConfig } from "../../shared/config/load-config.ts";
import { namedSecrets } from "../../shared/config/named-secrets.ts";
import { type Settings, readSettings } from "../../shared/config/settings.ts";
import type { CheckFinding, ConnectorId } from "../../shared/connectors/connector.ts";
import { totalityFindings } from "../../shared/connectors/mapping-totality.ts";
import { PermanentError, RetryableError } from "../../shared/errors.ts";
import type { Bus } from "../../shared/pipeline/ports/bus.ts";
import { isEventLane } from "../../shared/pipeline/lane/sync-deps.ts";
import { createMemoryTables } from "../store/memory-tables.ts";
import { type LintReport, type PlacedFinding, tellReport } from "./report.ts";

export interface LintOptions {
  readonly configFile: string;
  /** Compares nothing with the tools; then no secret is needed. */
  readonly isOffline: boolean;
  readonly isJson: boolean;
}

/** For all questions to one tool. */
const LONGEST_MS = 60_000;
/** In place of every secret where none is asked for; of the forms that connectors insist on. */
const NO_ADDRESS = "https://receiver.invalid/";
const NO_SECRET = `whsec_${Buffer.from("a check on paper signs nothing").toString("base64")}`;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Nothing is sent by a check. */
const NO_BUS: Bus = { send: () => Promise.reject(new Error("a check sends nothing")) };

/** Checks a configuration. Exit codes: 0 nothing that keeps tickets away, 1 findings of severity error, 2 the configuration cannot be used. */
export async function lint(options: LintOptions): Promise<number> {
  try {
    const report = await reportOn(options);
    tellReport(report, options.isJson);
    return report.findings.some(({ severity }) => severity === "error") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (options.isJson) console.log(JSON.stringify({ config: options.configFile, unusable: error.problems }));
    console.error(`dex-sync lint: ${error.message}`);
    return 2;
  }
}

async function reportOn({ configFile, isOffline }: LintOptions): Promise<LintReport> {
  const settings = readSettings({ ...process.env, DEX_SYNC_CONFIG: configFile });
  const addresses = namedSecrets(await loadConfig(configFile)).filter(({ kind }) => kind === "address");
  const onPaper = await composed({
    ...settings,
    secret: (name) => (addresses.some((named) => named.name === name) ? NO_ADDRESS : NO_SECRET),
  });
  const asRun = await composed(settings);
  try {
    const findings: PlacedFinding[] = onPaper.config.warnings.map(ofTheFile);
    const compared: string[] = [];
    const unreachable: string[] = [];
    for (const [index, { id }] of onPaper.config.connectors.entries()) {
      const place = (finding: CheckFinding): PlacedFinding => ({
        ...finding,
        connector: id,
        place: [`connectors.${index}`, finding.place].filter((part) => part !== "").join("."),
      });
      findings.push(...(await paperFindings(onPaper, id as ConnectorId)).map(place));
      if (isOffline) continue;
      const answer = await toolFindings(asRun, id as ConnectorId);
      findings.push(...answer.findings.map(place));
      if (answer.kind === "compared") compared.push(id);
      if (answer.kind === "unreachable") unreachable.push(id);
    }
    return { config: configFile, isOffline, findings, compared, unreachable };
  } finally {
    await Promise.all([onPaper.close(), asRun.close()]);
  }
}

function composed(settings: Settings): Promise<Composition> {
  return compose({ tables: createMemoryTables(), bus: NO_BUS, log: SILENT, isOneMachine: true }, settings);
}

async function paperFindings(composition: Composition, id: ConnectorId): Promise<readonly CheckFinding[]> {
  return orFinding(async () => {
    const lane = await composition.laneDeps(id);
    // What an event says is the same for every receiver: there is nothing to map.
    return isEventLane(lane) ? [] : totalityFindings(lane.connector);
  });
}

interface ToolAnswer {
  readonly kind: "compared" | "unreachable" | "not compared";
  readonly findings: readonly CheckFinding[];
}

async function toolFindings(composition: Composition, id: ConnectorId): Promise<ToolAnswer> {
  try {
    const { connector } = await composition.laneDeps(id);
    if (connector.check === undefined) return { kind: "not compared", findings: [] };
    return { kind: "compared", findings: await connector.check(AbortSignal.timeout(LONGEST_MS), { thorough: true }) };
  } catch (error) {
    if (error instanceof PermanentError) return { kind: "not compared", findings: [wrong(error)] };
    if (!(error instanceof RetryableError)) throw error;
    const problem = `the tool could not be asked: ${error.message}`;
    const mend = "check again when it answers, or use --offline to check the file alone";
    return { kind: "unreachable", findings: [{ severity: "error", place: "", problem, mend }] };
  }
}

/** A setting that a connector refuses to be made with, as a finding. */
async function orFinding(work: () => Promise<readonly CheckFinding[]>): Promise<readonly CheckFinding[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return [wrong(error)];
  }
}

function wrong(error: PermanentError): CheckFinding {
  const mend = error.mend === "" ? "mend what the message names" : error.mend;
  return { severity: "error", place: "", problem: error.message, mend };
}

/** `poll.requestsPerMinute: above the documented 50 a minute` */
function ofTheFile(warning: string): PlacedFinding {
  const [place = "", ...rest] = warning.split(": ");
  const mend = "leave it out, or live with it";
  return { severity: "warning", connector: "", place, problem: rest.join(": "), mend };
}
