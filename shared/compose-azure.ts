import type { TokenCredential } from "@azure/identity";
import { createAzureTables } from "./azure/azure-tables.ts";
import { type ClosableBus, createServiceBus } from "./azure/service-bus.ts";
import type { Settings } from "./config/settings.ts";
import { PermanentError } from "./errors.ts";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Tables } from "./pipeline/ports/table.ts";

const TABLES_TIMEOUT_MS = 10_000;

/** The app's own tables, or `PermanentError("misconfigured")`. */
export function azureTables(settings: Settings): Tables {
  if (settings.tablesEndpoint === "") {
    throw new PermanentError("misconfigured", "TABLES_ENDPOINT is not set", {
      mend: "set it to the table endpoint of the storage account, or to a connection string on one machine",
    });
  }
  const isConnectionString = settings.tablesEndpoint.includes("=");
  return isConnectionString
    ? createAzureTables({ connectionString: settings.tablesEndpoint, timeoutMs: TABLES_TIMEOUT_MS })
    : createAzureTables({
        endpoint: settings.tablesEndpoint,
        credential: () => ownIdentity(settings),
        timeoutMs: TABLES_TIMEOUT_MS,
      });
}

/** The app's own bus, or `PermanentError("misconfigured")`. */
export function azureBus(settings: Settings): ClosableBus {
  const target = settings.serviceBus;
  if (target === undefined) {
    throw new PermanentError("misconfigured", "ServiceBusConnection is not set", {
      mend: "set ServiceBusConnection__fullyQualifiedNamespace, or ServiceBusConnection to a connection string",
    });
  }
  return createServiceBus(
    "connectionString" in target ? target : { ...target, credential: () => ownIdentity(settings) },
  );
}

/** The app's own figures in Application Insights. */
export async function azureMetrics(settings: Settings, telemetry: NonNullable<Settings["telemetry"]>, clock: Clock) {
  const { createAzureMonitorMetrics } = await import("./azure/azure-monitor.ts");
  return createAzureMonitorMetrics({
    connectionString: telemetry.connectionString,
    credential: telemetry.isByIdentity ? () => ownIdentity(settings) : undefined,
    clock,
  });
}

/** The app's own identity for its own bus and tables: managed on Azure, the developer's sign-in on a machine. */
async function ownIdentity(settings: Settings): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential(
    settings.clientId === undefined ? {} : { managedIdentityClientId: settings.clientId },
  );
}
