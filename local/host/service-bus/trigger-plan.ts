import { type AppSettings, resolveSettings } from "../app-settings.ts";
import type { BindingInfo } from "../core-types.ts";
import type { ServiceBusConfig } from "../host-json.ts";

/** What a Service Bus trigger asks for, with settings put in and defaults from host.json. */
export interface TriggerPlan {
  readonly queueName: string;
  readonly connectionString: string;
  readonly isSessionsEnabled: boolean;
  /** Whether one call takes many messages. */
  readonly isBatch: boolean;
  readonly autoCompleteMessages: boolean;
  readonly dataType: unknown;
}

/** Throws where this host, or the real one, cannot do what the binding asks for. */
export function readTriggerPlan(
  binding: BindingInfo,
  config: ServiceBusConfig,
  settings: AppSettings,
  connection: string | undefined,
): TriggerPlan {
  const { queueName } = binding;
  if (binding["topicName"] !== undefined) throw new Error("topics are not there in the local host; use a queue");
  if (typeof queueName !== "string" || queueName === "") throw new Error("a Service Bus trigger needs a queueName");
  if (binding["sdkBinding"] === true) throw new Error("sdkBinding is not there in the local host");
  const isSessionsEnabled = flagOf(binding, "isSessionsEnabled", false);
  const cardinality = binding["cardinality"] ?? "one";
  if (cardinality !== "one" && cardinality !== "many") {
    throw new Error(`cardinality must be "one" or "many", it is ${JSON.stringify(cardinality)}`);
  }
  if (cardinality === "many" && isSessionsEnabled) {
    throw new Error('cardinality "many" with sessions takes one session at a time on Azure; use cardinality "one"');
  }
  return {
    queueName: resolveSettings(queueName, settings),
    connectionString: checkConnection(connection ?? connectionFrom(binding, settings)),
    isSessionsEnabled,
    isBatch: cardinality === "many",
    autoCompleteMessages: flagOf(binding, "autoCompleteMessages", config.autoCompleteMessages),
    dataType: binding["dataType"],
  };
}

function connectionFrom(binding: BindingInfo, settings: AppSettings): string {
  const name = resolveSettings(typeof binding["connection"] === "string" ? binding["connection"] : "", settings);
  const value = settings[name] ?? settings[`AzureWebJobs${name}`];
  if (name !== "" && value !== undefined && value !== "") return value;
  throw new Error(
    `the app setting ${name === "" ? "named by `connection`" : name} has no Service Bus connection string; identity-based connections (${name}__fullyQualifiedNamespace) are for Azure`,
  );
}

/** Never shows the text itself: it holds a key. */
function checkConnection(text: string): string {
  if (/(?:^|;)\s*Endpoint=sb:\/\/[^;]+/i.test(text)) return text;
  throw new Error("the Service Bus connection string has no part Endpoint=sb://…; copy it whole from the namespace");
}

function flagOf(binding: BindingInfo, name: string, fallback: boolean): boolean {
  const value = binding[name] ?? fallback;
  if (typeof value === "boolean") return value;
  throw new Error(`${name} must be true or false, it is ${JSON.stringify(value)}`);
}
