import { isLoopbackUrl } from "./loopback-url.ts";

/** What comes from the environment: app settings on Azure, `process.env` on one machine. Read once, here alone. */
export interface Settings {
  readonly configFile: string;
  /** `fullyQualifiedNamespace` for an identity, or a connection string. */
  readonly serviceBus: { readonly namespace: string } | { readonly connectionString: string } | undefined;
  readonly tablesEndpoint: string;
  /** The user-assigned identity, where there is one. */
  readonly clientId: string | undefined;
  readonly isDemo: boolean;
  /** Where this app is reached, as far as the environment knows. */
  readonly publicUrl: string | undefined;
  /** The app role of operators who are signed in; undefined unless the platform signs people in. */
  readonly operatorRole: string | undefined;
  /** Where the app's own figures go on Azure; undefined where nowhere. */
  readonly telemetry: { readonly connectionString: string; readonly isByIdentity: boolean } | undefined;
  /** The value behind a `secret` name; undefined where it is not set. */
  secret(name: string): string | undefined;
  /** True where a Key Vault reference stands that the platform did not resolve: it arrives as its own text. */
  isUnresolved(name: string): boolean;
}

export function readSettings(env: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const namespace = env["ServiceBusConnection__fullyQualifiedNamespace"];
  const connectionString = env["ServiceBusConnection"];
  return {
    configFile: env["DEX_SYNC_CONFIG"] ?? "dex-sync.config.json",
    serviceBus: serviceBusOf(namespace, connectionString),
    tablesEndpoint: env["TABLES_ENDPOINT"] ?? "",
    clientId: env["AZURE_CLIENT_ID"],
    isDemo: env["DEX_SYNC_DEMO"] === "1",
    publicUrl: publicUrlOf(env["WEBSITE_HOSTNAME"]),
    // Set by App Service where its authentication is on; only then it vouches for the header that says who calls.
    operatorRole: env["WEBSITE_AUTH_ENABLED"] === "True" ? nonEmpty(env["DEX_SYNC_OPERATOR_ROLE"]) : undefined,
    telemetry: telemetryOf(
      env["APPLICATIONINSIGHTS_CONNECTION_STRING"],
      env["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
    ),
    secret(name) {
      const value = env[name];
      return value === undefined || value === "" || isReference(value) ? undefined : value;
    },
    isUnresolved: (name) => isReference(env[name] ?? ""),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function isReference(value: string): boolean {
  return value.startsWith("@Microsoft.KeyVault(");
}

/** Set on Azure; Core Tools sets it too, to `localhost:7071`, where nobody speaks TLS. */
function publicUrlOf(hostName: string | undefined): string | undefined {
  if (hostName === undefined || hostName === "") return undefined;
  return isLoopbackUrl(`http://${hostName}`) ? `http://${hostName}` : `https://${hostName}`;
}

/** The host's own two settings: with the second, Application Insights takes only callers whom Entra ID knows. */
function telemetryOf(connectionString: string | undefined, authentication: string | undefined): Settings["telemetry"] {
  if (connectionString === undefined || connectionString === "") return undefined;
  return { connectionString, isByIdentity: authentication?.includes("Authorization=AAD") === true };
}

function serviceBusOf(namespace: string | undefined, connectionString: string | undefined): Settings["serviceBus"] {
  if (connectionString !== undefined && connectionString !== "") return { connectionString };
  return namespace === undefined || namespace === "" ? undefined : { namespace };
}
