import type { ConnectorId, TicketConnector } from "../../connectors/connector.ts";
import { type Connector, isEventConnector } from "../../connectors/event-connector.ts";
import type { TenantId } from "../../incident/incident.ts";
import { correlationKeyOf } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Source } from "../ports/source.ts";
import type { Tables } from "../ports/table.ts";
import type { Diagnosis, DoctorFinding, SecretState } from "./diagnosis.ts";
import { examineBus, examineSecrets, examineTables } from "./examine-own.ts";
import { examineSource } from "./examine-source.ts";
import { failed, look, well } from "./look.ts";

export interface DoctorDeps {
  /** What was accepted but should be known. */
  readonly warnings: readonly string[];
  readonly secrets: readonly SecretState[];
  readonly tenants: readonly TenantId[];
  readonly connectors: readonly { readonly id: ConnectorId; readonly tenantIds: readonly TenantId[] }[];
  sourceOf(tenant: TenantId): Promise<Source>;
  connectorOf(id: ConnectorId): Promise<Connector>;
  /** Absent where none of its own is at hand: a configuration is examined from elsewhere. */
  readonly own?: { readonly tables: Tables; readonly bus: Bus };
  readonly clock: Clock;
  readonly random: Random;
}

const TOOL_MEND = "check the connector's url and credential, and that this machine reaches it";

/** Asks everything that the product depends on one harmless question each; what is wrong comes with its mend. Writes no ticket. */
export async function examine(deps: DoctorDeps): Promise<Diagnosis> {
  const { clock, own } = deps;
  const found = await Promise.all([
    Promise.resolve(configurationFindings(deps)),
    Promise.resolve(examineSecrets(deps.secrets, clock.now())),
    ...(own === undefined
      ? [Promise.resolve(NOT_HERE)]
      : [examineTables(own.tables, clock, deps.random.uuid()), examineBus({ bus: own.bus, clock }, deps.tenants)]),
    ...deps.tenants.map((tenant) => examineSource(deps, tenant)),
    ...deps.connectors.map((connector) => examineTool(deps, connector)),
  ]);
  const findings = found.flat();
  return { at: clock.now(), status: worstOf(findings), findings };
}

function worstOf(findings: readonly DoctorFinding[]): Diagnosis["status"] {
  const verdicts = findings.map(({ verdict }) => verdict);
  return (["error", "warning"] as const).find((verdict) => verdicts.includes(verdict)) ?? "ok";
}

const NOT_HERE: readonly DoctorFinding[] = (["tables", "bus"] as const).map((area) => ({
  area,
  about: "",
  verdict: "notLooked",
  seen: "the product's own are examined where it runs",
  mend: "",
}));

function configurationFindings({ warnings }: DoctorDeps): readonly DoctorFinding[] {
  const about = { area: "configuration", about: "" } as const;
  if (warnings.length === 0) return [well(about, "the file is complete")];
  return warnings.map((seen) => ({ ...about, verdict: "warning", seen, mend: "" }));
}

/** A look-up of an incident that there is none of, and the connector's own comparison with its tool. */
async function examineTool(
  deps: DoctorDeps,
  { id, tenantIds }: DoctorDeps["connectors"][number],
): Promise<readonly DoctorFinding[]> {
  const { clock } = deps;
  const about = { area: "connector", about: id } as const;
  let connector: Connector;
  try {
    connector = await deps.connectorOf(id);
  } catch (error) {
    return [failed(about, error, "mend the connector's section of the configuration")];
  }
  const reached = isEventConnector(connector)
    ? [
        {
          ...about,
          verdict: "notLooked",
          seen: "it takes events, and is asked nothing before the first",
          mend: "",
        } as const,
      ]
    : await reach(deps, about, connector, tenantIds);
  if (reached.some(({ verdict }) => verdict === "error") || connector.check === undefined) return reached;
  const compared = await look(clock, about, TOOL_MEND, async (signal) =>
    ((await connector.check?.(signal)) ?? []).map(({ severity, place, problem, mend }) => ({
      ...about,
      verdict: severity,
      seen: place === "" ? problem : `${place}: ${problem}`,
      mend,
    })),
  );
  return [...reached, ...(compared.length > 0 ? compared : [well(about, "the configuration fits the tool")])];
}

async function reach(
  { clock }: DoctorDeps,
  about: Pick<DoctorFinding, "area" | "about">,
  connector: TicketConnector,
  [tenant]: readonly TenantId[],
): Promise<readonly DoctorFinding[]> {
  return look(clock, about, TOOL_MEND, async (signal) => {
    if (tenant !== undefined) await connector.find(correlationKeyOf(tenant, NO_INCIDENT), signal);
    return [well(about, "tickets can be looked up")];
  });
}

/** Graph numbers incidents from 1. */
const NO_INCIDENT = "0" as IncidentId;
