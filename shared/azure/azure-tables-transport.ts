import type { TableClient } from "@azure/data-tables";
import type { Write } from "../pipeline/ports/table.ts";
import { type BatchAnswer, type BatchRequest, batchAnswer, batchRequest } from "./azure-tables-batch.ts";

export interface BatchTransport {
  /** Undefined where the answer cannot be understood. */
  send(
    partition: string,
    writes: readonly Write[],
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<BatchAnswer | undefined>;
}

interface Exchange {
  readonly request: BatchRequest;
  answer: string;
}

/**
 * Sends our own batches through the SDK's client, with its credentials: a policy puts our body in the place of the SDK's, and takes the
 * answer before the SDK reads it. A batch is known by its signal.
 */
export function createBatchTransport(client: TableClient, newId: () => string): BatchTransport {
  const exchanges = new WeakMap<object, Exchange>();
  client.pipeline.addPolicy(
    {
      name: "ownBatch",
      async sendRequest(request, next) {
        const exchange = request.abortSignal === undefined ? undefined : exchanges.get(request.abortSignal);
        if (exchange === undefined) return await next(request);
        request.headers.set("content-type", exchange.request.contentType);
        request.body = exchange.request.body;
        const response = await next(request);
        if (response.status >= 300) return response;
        exchange.answer = response.bodyAsText ?? "";
        return { ...response, bodyAsText: "" };
      },
    },
    { phase: "Serialize" },
  );
  const [address = ""] = client.url.split("?");
  const tableUrl = `${address.replace(/\/$/, "")}/${client.tableName}`;

  return {
    async send(partition, writes, texts, signal) {
      const own = AbortSignal.any([signal]);
      const exchange: Exchange = {
        request: batchRequest({ tableUrl, partition, boundary: newId() }, writes, texts),
        answer: "",
      };
      exchanges.set(own, exchange);
      await client.submitTransaction([["delete", { partitionKey: partition, rowKey: "replaced" }]], {
        abortSignal: own,
      });
      return batchAnswer(exchange.answer, writes);
    },
  };
}
