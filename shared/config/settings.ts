import { isLoopbackUrl } from "./loopback-url.ts";

/** Which functions this app registers: all; only the doorbells; or all but those, for they ring at an app of their own. */
export type Role = "all" | "intake" | "worker";

/** What comes from the environment: app settings on Azure, `process.env` on one machine. Read once, here alone. */
export interface Settings {
  readonly configFile: string;
  /** `fullyQualifiedNamespace` for an identity, or a connection string. */
  readonly serviceBus: { readonly namespace: string } | { readonly connectionString: string } | undefined;
  readonly tablesEndpoint: string;
  /** The user-assigned identity, where there is one. */
  readonly clientId: string | undefined;
  readonly isDemo: boolean;
  readonly role: Role;
  /** False: Graph's subscriptions are given back, whatever the configuration asks for. */
  readonly isSubscribing: boolean;
  /** Where this app is reached, as far as the environment knows. */
  readonly publicUrl: string | undefined;
  /** The app role of operators who are signed in; undefined unless the platform signs people in. */
  readonly operatorRole: string | undefined;
  /** Where the app's own figures go on Azure; undefined where nowhere. */
  readonly telemetry: { readonly connectionString: string; readonly isByIdentity: boolean } | undefined;
  /** The value behind a `secret` name; undefined where it is not set, or a Key Vault reference that was not resolved. */
  secret(name: string): string | undefined;
  /** True where a Key Vault reference stands that the platform did not resolve: it arrives as its own text. */
  isUnresolved(name: string): boolean;
  /** Why there is no such secret, and what mends it. */
  whyNoSecret(name: string): { readonly detail: string; readonly mend: string };
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
    role: roleOf(env["DEX_SYNC_ROLE"]),
    isSubscribing: env["DEX_SYNC_SUBSCRIBE"] !== "off",
    publicUrl: nonEmpty(env["DEX_SYNC_PUBLIC_URL"]) ?? publicUrlOf(env["WEBSITE_HOSTNAME"]),
    operatorRole: operatorRoleOf(env["DEX_SYNC_OPERATOR_ROLE"], env["WEBSITE_AUTH_ENABLED"]),
    telemetry: telemetryOf(
      env["APPLICATIONINSIGHTS_CONNECTION_STRING"],
      env["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
    ),
    secret(name) {
      const value = env[name];
      return value === undefined || value === "" || isReference(value) ? undefined : value;
    },
    whyNoSecret(name) {
      return isReference(env[name] ?? "")
        ? {
            detail: `the app setting ${name} is a Key Vault reference that was not resolved`,
            mend: "put the secret into the vault and see that the app's identity has Key Vault Secrets User there; the portal names the fault beside the setting",
          }
        : {
            detail: `the environment variable ${name} is not set`,
            mend: `set ${name}; on Azure put the secret into the vault: npm run azure:secret -- ${name}`,
          };
    },
    isUnresolved: (name) => isReference(env[name] ?? ""),
  };
}

/** The second is set by App Service where its authentication is on; only then it vouches for the header that says who calls. */
function operatorRoleOf(role: string | undefined, isSigningIn: string | undefined): string | undefined {
  return isSigningIn === "True" ? nonEmpty(role) : undefined;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** An unresolved Key Vault reference arrives as its own text. */
function isReference(value: string): boolean {
  return value.startsWith("@Microsoft.KeyVault(");
}

function roleOf(text: string | undefined): Role {
  return text === "intake" || text === "worker" ? text : "all";
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
