import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { tableOf } from "./table.ts";

/** Prices by name, in one currency. */
type Prices = Readonly<Record<string, number | string>>;

const MONTH_S = 30 * 86_400;
/** Counted by `test/scenarios/lives.test.ts` and the other benches: what one of each costs. */
const PER_POLL = { busOperations: 3, tableTransactions: 3, executions: 2, seconds: 0.4, logLines: 1 };
const PER_DELTA = { busOperations: 4, tableTransactions: 4, executions: 1, seconds: 0.6, logLines: 3 };
const PER_MINUTE = { executions: 4, tableTransactions: 30, seconds: 0.5 };
/** A trigger that waits for messages asks again once a minute on each of its queues. */
const IDLE_RECEIVES_A_MINUTE = 1;
/** Rough sizes of rows as they are billed; a line is kept twice, as a trace and in FunctionAppLogs. */
const ROWS = { logLineBytes: 2 * 600, requestBytes: 1_000, figureBytes: 700, tableWriteBytes: 900 };
/** Standing figures and counts that are told each minute: shared/pipeline/overview/measure.ts. */
const FIGURES_A_MINUTE = { app: 1, tenant: 12, connector: 7 };
/** Of table transactions; only these are logged. */
const SHARE_OF_WRITES = 0.5;
const ROW_BYTES = 6_000;
const LOG_ALERTS = JSON.parse(readFileSync(new URL("../infra/alerts.json", import.meta.url), "utf8")) as readonly {
  readonly every: string;
}[];
/** Rules on each queue, and the one on the vault: infra/modules/alerts.bicep. */
const ALERTS_A_QUEUE = 2;

/** What a month on Azure costs, by the work that is counted and prices that are parameters. Answers true: there is no bar. */
export function benchCost(args: readonly string[]): boolean {
  const { values } = parseArgs({
    args: [...args],
    options: {
      prices: { type: "string" },
      tenants: { type: "string", default: "1" },
      connectors: { type: "string", default: "2" },
      "incidents-a-day": { type: "string", default: "50" },
      "changes-an-incident": { type: "string", default: "12" },
      "poll-s": { type: "string", default: "15" },
      "memory-gb": { type: "string", default: "2" },
      "always-ready": { type: "string", default: "0" },
      isolated: { type: "boolean", default: false },
    },
  });
  const prices = JSON.parse(
    readFileSync(values.prices ?? new URL("cost-prices.json", import.meta.url), "utf8"),
  ) as Prices;
  const number = (name: string, text: string): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number, not "${text}"`);
    return value;
  };
  const connectors = number("connectors", values.connectors);
  const tenants = number("tenants", values.tenants);
  const polls = (tenants * MONTH_S) / number("poll-s", values["poll-s"]);
  const incidents = number("incidents-a-day", values["incidents-a-day"]) * 30;
  const deltas = incidents * number("changes-an-incident", values["changes-an-incident"]) * connectors;
  const minutes = MONTH_S / 60;
  const queues = 2 * (connectors + 1);

  const busOperations =
    polls * PER_POLL.busOperations + deltas * PER_DELTA.busOperations + minutes * queues * IDLE_RECEIVES_A_MINUTE;
  const executions = polls * PER_POLL.executions + deltas * PER_DELTA.executions + minutes * PER_MINUTE.executions;
  const seconds = polls * PER_POLL.seconds + deltas * PER_DELTA.seconds + minutes * PER_MINUTE.seconds;
  const transactions =
    polls * PER_POLL.tableTransactions + deltas * PER_DELTA.tableTransactions + minutes * PER_MINUTE.tableTransactions;
  const figures = FIGURES_A_MINUTE.app + tenants * FIGURES_A_MINUTE.tenant + connectors * FIGURES_A_MINUTE.connector;
  const logGigabytes =
    ((polls * PER_POLL.logLines + deltas * PER_DELTA.logLines) * ROWS.logLineBytes +
      executions * ROWS.requestBytes +
      minutes * figures * ROWS.figureBytes +
      transactions * SHARE_OF_WRITES * ROWS.tableWriteBytes) /
    1e9;
  const alertSeries = ALERTS_A_QUEUE * (connectors + 1) + 1;
  const frequentAlerts = LOG_ALERTS.filter(({ every }) => every === "PT5M").length;
  const storedGigabytes = (incidents * 13 * (2 + connectors) * ROW_BYTES) / 1e9;

  const price = (name: string): number => {
    const value = prices[name];
    if (typeof value !== "number") throw new Error(`the prices have no number "${name}"`);
    return value;
  };
  const beyond = (amount: number, free: string): number => Math.max(0, amount - price(free));
  const rows: (readonly [what: string, work: string, cost: number])[] = [
    values.isolated
      ? ["Service Bus Premium, 1 messaging unit", "", price("premiumMessagingUnitMonth")]
      : [
          "Service Bus Standard",
          `${millions(busOperations)} operations`,
          price("serviceBusBaseMonth") +
            (beyond(busOperations, "serviceBusOperationsIncluded") / 1e6) * price("serviceBusMillionOperations"),
        ],
    [
      "Functions, Flex Consumption",
      `${millions(executions)} executions, ${Math.round(seconds).toLocaleString("en")} s`,
      (beyond(executions, "functionsExecutionsFree") / 1e6) * price("functionsMillionExecutions") +
        beyond(seconds * number("memory-gb", values["memory-gb"]), "functionsGigabyteSecondsFree") *
          price("functionsGigabyteSecond"),
    ],
    [
      "always-ready instances",
      values["always-ready"],
      number("always-ready", values["always-ready"]) * price("alwaysReadyInstanceMonth"),
    ],
    [
      "tables",
      `${millions(transactions)} transactions, ${storedGigabytes.toFixed(2)} GB`,
      (transactions / 1e6) * price("tableMillionTransactions") + storedGigabytes * price("storageGigabyteMonth"),
    ],
    ["logs", `${logGigabytes.toFixed(2)} GB`, logGigabytes * price("logGigabyte")],
    [
      "alerts",
      `${alertSeries} series, ${LOG_ALERTS.length} log rules`,
      alertSeries * price("metricAlertSeriesMonth") +
        frequentAlerts * price("logAlertRuleOf5MinutesMonth") +
        (LOG_ALERTS.length - frequentAlerts) * price("logAlertRuleMonth"),
    ],
    ...(values.isolated ? [["private endpoints", "5", 5 * price("privateEndpointMonth")] as const] : []),
  ];
  const told = rows.map(([what, work, cost]) => [what, work, cost.toFixed(2)]);
  const together = ["together", "", rows.reduce((sum, [, , cost]) => sum + cost, 0).toFixed(2)];
  console.log(tableOf(["a month", "work", "cost"], [...told, together], 2));
  console.log(String(prices["note"] ?? ""));
  return true;
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`;
}
