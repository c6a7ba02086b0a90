import type { Tables } from "../../../shared/pipeline/ports/table.ts";
import { createAzureTables } from "../../../shared/azure/azure-tables.ts";
import { type LoopbackServer, type Received, startLoopbackServer } from "../http/loopback-server.ts";

export interface Reply {
  readonly status: number;
  /** As the service names what went wrong. */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of an answer. */
  readonly end?: "hang" | "reset";
}

export interface TablesService {
  readonly server: LoopbackServer;
  readonly tables: Tables;
  /** Without the making of tables. */
  requests(): readonly Received[];
}

/** Answers as told where the service would; tables are there unless told otherwise. */
export async function startTablesService(
  reply: (request: Received, count: number) => Reply,
  options: { readonly timeoutMs?: number; readonly creating?: (count: number) => Reply } = {},
): Promise<TablesService> {
  let count = 0;
  let creations = 0;
  const server = await startLoopbackServer((response, request) => {
    const isCreation = isTableCreation(request);
    if (isCreation) creations += 1;
    else count += 1;
    const creating = options.creating ?? alreadyThere;
    const { status, code, headers, body, end } = isCreation ? creating(creations) : reply(request, count);
    if (end === "hang") return;
    if (end === "reset") {
      response.destroy();
      return;
    }
    const error = { "odata.error": { code, message: { lang: "en-US", value: "said by the service" } } };
    const content = code === undefined ? body : error;
    response.writeHead(status, { "content-type": "application/json;odata=minimalmetadata", ...headers });
    response.end(typeof content === "string" || content === undefined ? content : JSON.stringify(content));
  });
  const key = Buffer.from("key of the test").toString("base64");
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=test;AccountKey=${key};TableEndpoint=${server.url}/test;`;
  return {
    server,
    tables: createAzureTables({ connectionString, timeoutMs: options.timeoutMs ?? 5_000 }),
    requests: () => server.received.filter((request) => !isTableCreation(request)),
  };
}

function alreadyThere(): Reply {
  return { status: 409, code: "TableAlreadyExists" };
}

function isTableCreation({ url }: Received): boolean {
  return url?.startsWith("/test/Tables") === true;
}

export const VERSION = "W/\"datetime'2026-11-24T12%3A00%3A00.0000000Z'\"";

export function entity(row: string, value: unknown): Record<string, unknown> {
  return { "odata.etag": VERSION, PartitionKey: "p", RowKey: row, p0: JSON.stringify(value) };
}
