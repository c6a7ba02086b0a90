import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Product,
  type Simulators,
  eventually,
  freePort,
  secretsOf,
  setBehaviour,
  startProduct,
  startSimulators,
  temporaryFolder,
  writeConfig,
} from "../product-process.ts";

const INCIDENTS = 1_000;
const KILLS = 20;
const LIVES_S = 75;
/** A claim that a kill cut off is verified when it has ended: 45 s and 2 s, then the tool's settle time. */
const CATCH_UP_MS = 240_000;

/** ServiceNow's number of a state for each Defender status, from ServiceNow's documentation; not the product's own table. */
const STATE: Readonly<Record<string, string>> = {
  active: "1",
  inProgress: "2",
  awaitingAction: "2",
  resolved: "6",
  redirected: "6",
};
const STAGE: Readonly<Record<string, string>> = {
  active: "active",
  inProgress: "inProgress",
  awaitingAction: "awaitingCustomerAction",
  resolved: "resolved",
  redirected: "redirected",
};

interface Truth {
  readonly id: string;
  readonly status: string;
  readonly comments: readonly { readonly comment: string }[];
}

interface TicketRecord {
  readonly correlation_id: string;
  readonly state: string;
  readonly number: string;
  readonly journal: readonly { readonly element: string; readonly value: string }[];
}

interface Twin {
  readonly properties: {
    readonly providerIncidentId: string;
    readonly labels: readonly { readonly labelName: string }[];
  };
}

let simulators: Simulators;
const folder = temporaryFolder();

beforeAll(async () => {
  simulators = await startSimulators(["--incidents", `${INCIDENTS}`, "--seed", "11", "--duration-s", `${LIVES_S}`]);
  // Sentinel takes 75 writes in five minutes; 1,000 lives in one would wait for hours. Its limit has tests of its own.
  await setBehaviour(simulators.sentinelUrl, { putLimit: 0 });
}, 60_000);

afterAll(async () => {
  await simulators.stop();
  folder.remove();
});

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

/** Everything that is wrong now, in words; empty at the end. */
async function differences(): Promise<readonly string[]> {
  const [truth, tickets, twins] = await Promise.all([
    ask<{ incidents: Truth[]; finished: boolean }>(`${simulators.graphUrl}/simulator/truth`),
    ask<{ tickets: TicketRecord[] }>(`${simulators.serviceNowUrl}/simulator/tickets`),
    ask<{ incidents: Twin[] }>(`${simulators.sentinelUrl}/simulator/incidents`),
  ]);
  const byKey = new Map<string, TicketRecord[]>();
  for (const ticket of tickets.tickets)
    byKey.set(ticket.correlation_id, [...(byKey.get(ticket.correlation_id) ?? []), ticket]);
  const twinOf = new Map(twins.incidents.map(({ properties }) => [properties.providerIncidentId, properties.labels]));
  return truth.incidents.flatMap((incident) => {
    const held = byKey.get(`mdx:${simulators.credentials.tenantId}:${incident.id}`) ?? [];
    const wrong: string[] = [];
    const [ticket] = held;
    if (held.length > 1) wrong.push(`${held.length} tickets`);
    if (ticket === undefined) {
      // Merged away before it had a ticket: its survivor's ticket tells the story.
      if (incident.status !== "redirected") wrong.push("no ticket");
      return wrong.map((text) => `${incident.id}: ${text}`);
    }
    if (ticket.state !== STATE[incident.status]) wrong.push(`state ${ticket.state}, not ${STATE[incident.status]}`);
    const notes = ticket.journal
      .filter((entry) => entry.element === "work_notes")
      .map((entry) => entry.value)
      .join("\n");
    for (const { comment } of incident.comments) {
      // What comes before the first markup says which remark it is; markup itself is written otherwise in a journal.
      const [remark = ""] = comment.split("<");
      const times = notes.split(remark).length - 1;
      if (times !== 1) wrong.push(`comment ${JSON.stringify(remark)} ${times} times`);
    }
    const stages = (twinOf.get(incident.id) ?? [])
      .map((label) => label.labelName)
      .filter((label) => label.startsWith("dex:stage="));
    if (stages.join() !== `dex:stage=${STAGE[incident.status]}`)
      wrong.push(`twin has ${stages.join() || "no stage tag"}`);
    return wrong.map((text) => `${incident.id}: ${text}`);
  });
}

describe(`${KILLS} kills while ${INCIDENTS} incidents live`, () => {
  it(
    "end with one ticket per incident, the newest state, and every comment once",
    async () => {
      const port = await freePort();
      const config = writeConfig(folder.path, simulators);
      const options = { config, dataFolder: `${folder.path}/data`, port, env: secretsOf(simulators) };
      let seed = 7;
      const random = (): number => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      };
      for (let kill = 0; kill < KILLS; kill += 1) {
        const product = await startProduct(options);
        await new Promise((resolve) => setTimeout(resolve, 200 + random() * 4_500));
        await product.kill();
      }
      const last: Product = await startProduct(options);
      try {
        let wrong: readonly string[] = ["nothing was compared yet"];
        await eventually(
          async () => {
            wrong = await differences();
            return wrong.length === 0 ? true : undefined;
          },
          CATCH_UP_MS,
          2_000,
        ).catch(() => undefined);
        expect(wrong.slice(0, 20)).toEqual([]);
      } finally {
        expect(await last.stop()).toBe(0);
      }
    },
    CATCH_UP_MS + 240_000,
  );
});
