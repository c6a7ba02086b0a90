import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { type AzureMonitorOptions, createAzureMonitorMetrics } from "../../../shared/azure/azure-monitor.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

interface Envelope {
  readonly data: {
    readonly baseType: string;
    readonly baseData: {
      readonly metrics: readonly { readonly name: string; readonly value: number }[];
      readonly properties: Readonly<Record<string, string>>;
    };
  };
}

type HttpClient = NonNullable<AzureMonitorOptions["httpClient"]>;

/** Takes what Application Insights would be sent: the exporter speaks TLS alone, so no server of this machine can. */
function createIngestion(): {
  readonly httpClient: HttpClient;
  readonly envelopes: Envelope[];
  readonly hosts: string[];
} {
  const envelopes: Envelope[] = [];
  const hosts: string[] = [];
  return {
    envelopes,
    hosts,
    httpClient: {
      sendRequest(request) {
        const items = JSON.parse(textOf(request.body)) as Envelope[];
        envelopes.push(...items);
        hosts.push(new URL(request.url).host);
        const answer = { itemsReceived: items.length, itemsAccepted: items.length, errors: [] };
        const headers = request.headers;
        headers.set("content-type", "application/json");
        return Promise.resolve({ request, status: 200, headers, bodyAsText: JSON.stringify(answer) });
      },
    },
  };
}

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (!(body instanceof Uint8Array)) throw new Error("a body of another kind");
  const isZipped = body[0] === 0x1f && body[1] === 0x8b;
  return (isZipped ? gunzipSync(body) : Buffer.from(body)).toString("utf8");
}

it("figures arrive at Application Insights with their dimensions, counts since the last time, and nowhere else", async () => {
  const ingestion = createIngestion();
  const host = "ingestion.example.test";
  const figures = await createAzureMonitorMetrics({
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://${host}/`,
    httpClient: ingestion.httpClient,
    credential: undefined,
    clock: createVirtualClock(),
  });
  const dimensions = { tenant: "contoso", connector: "itsm" };
  figures.metrics.add("dexsync.passes", 2, { ...dimensions, outcome: "updated" });
  figures.metrics.record("dexsync.lag.written", 12, dimensions);
  figures.metrics.set("dexsync.breaker.open", [{ value: 1, dimensions: { connector: "itsm" } }]);
  await figures.flush();
  figures.metrics.add("dexsync.passes", 1, { ...dimensions, outcome: "updated" });
  await figures.flush();

  const told = ingestion.envelopes
    .filter(({ data }) => data.baseType === "MetricData")
    .map(({ data: { baseData } }) => ({ ...baseData.metrics[0], ...baseData.properties }));
  const ofPasses = told.filter(({ name }) => name === "dexsync.passes");
  expect(ofPasses.map(({ value }) => value)).toEqual([2, 1]);
  expect(ofPasses[0]).toMatchObject({ ...dimensions, outcome: "updated" });
  expect(told.find(({ name }) => name === "dexsync.lag.written")).toMatchObject({ value: 12, ...dimensions });
  expect(told.find(({ name }) => name === "dexsync.breaker.open")).toMatchObject({ value: 1, connector: "itsm" });
  expect(told.every(({ name }) => name?.startsWith("dexsync.") === true)).toBe(true);
  expect(new Set(ingestion.hosts)).toEqual(new Set([host]));
  await figures.close();
});
