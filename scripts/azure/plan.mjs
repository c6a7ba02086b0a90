// What dex-sync.config.json asks of Azure: derived here alone, so that nothing exists for a connector that is not there.
import { readFileSync } from "node:fs";

const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
/** Named WindowsDefenderATP in the directory. */
const ENDPOINT_APP_ID = "fc780465-2017-40d4-a0c5-307022471b92";
const READ_INCIDENTS = "SecurityIncident.Read.All";
const WRITE_INCIDENTS = "SecurityIncident.ReadWrite.All";
const READ_ALERTS = "SecurityAlert.Read.All";
/** Each for one response action of a task. */
const ENDPOINT_ROLES = [
  "Machine.Isolate",
  "Machine.RestrictExecution",
  "Machine.StopAndQuarantine",
  "Machine.CollectForensics",
  "Machine.Scan",
];
/** Keys of `inbound` that this version acts on: a role for another would be a right that nothing uses. The product warns of the same. */
const ACTED_ON = [];
const CONNECTOR_ID = /^[a-z][a-z0-9-]{0,29}$/;
const SECRET_NAME = /^[A-Z][A-Z0-9_]*$/;

/** The configuration, or an Error that says what to do. */
export function readConfig(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Error(`there is no ${file}: write it (README, "Getting started"), or name another in DEX_SYNC_CONFIG`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON`, { cause: error });
  }
}

export function planOf(config, actedOn = ACTED_ON) {
  const tenants = config.tenants ?? [];
  const connectors = config.connectors ?? [];
  const doorbellSecrets = config.doorbells?.secrets ?? [];
  const plan = {
    lanes: connectors.map(({ id }) => id),
    secretNames: secretNamesOf({ tenants, connectors, doorbellSecrets }),
    doorbellSecrets,
    sentinelWorkspaces: workspacesOf(tenants, connectors),
    grants: grantsOf(
      tenants.some((tenant) => isOwnIdentity(tenant.credential)),
      inboundOf(config, actedOn),
    ),
    ignored: Object.keys(config.inbound ?? {}).filter((name) => !actedOn.includes(name)),
    ownTenants: tenants.filter((tenant) => isOwnIdentity(tenant.credential)).map((tenant) => tenant.id),
    foreignTenants: tenants.filter((tenant) => !isOwnIdentity(tenant.credential)).map((tenant) => tenant.id),
  };
  check(plan);
  return plan;
}

/** The name of a secret in the vault, as infra/modules/functionapp.bicep has it: the vault takes no underscore. */
export function vaultNameOf(secretName) {
  return secretName.toLowerCase().replaceAll("_", "-");
}

function isOwnIdentity(credential) {
  return credential?.kind === "managedIdentity" && credential.clientId === undefined;
}

function secretNamesOf({ tenants, connectors, doorbellSecrets }) {
  const named = [
    ...tenants.map((tenant) => tenant.credential?.secret),
    ...connectors.flatMap((connector) => [
      connector.secret,
      connector.previousSecret,
      connector.urlSecret,
      connector.auth?.secret,
      connector.credential?.secret,
      connector.ca,
      connector.syslog?.certificate,
    ]),
    ...doorbellSecrets,
  ];
  return [...new Set(named.filter((name) => name !== undefined))].sort((a, b) => (a < b ? -1 : 1));
}

/** A workspace that another credential signs in to is for whoever owns that credential to open. */
function workspacesOf(tenants, connectors) {
  const byId = new Map();
  for (const connector of connectors) {
    if (connector.kind !== "sentinel" || !isOwnIdentity(credentialOf(connector, tenants))) continue;
    const id = workspaceIdOf(connector);
    const writes = connector.mode !== "observe" || byId.get(id.toLowerCase())?.writes === true;
    byId.set(id.toLowerCase(), { id, writes });
  }
  return [...byId.values()];
}

export function workspaceIdOf({ subscriptionId, resourceGroup, workspace }) {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspace}`;
}

function credentialOf(connector, tenants) {
  const tenantId = connector.tenants?.[0] ?? tenants[0]?.id;
  return connector.credential ?? tenants.find((tenant) => tenant.id === tenantId)?.credential;
}

function inboundOf({ inbound = {} }, actedOn) {
  return Object.fromEntries(Object.entries(inbound).filter(([name]) => actedOn.includes(name)));
}

/**
 * Reading only, unless the configuration says in words that something is to be written or executed, and this version does it. `others` are the
 * roles that an earlier configuration may have asked for.
 */
function grantsOf(isReading, inbound) {
  const executes = isReading && inbound.tasks === "execute";
  const writes = inbound.comments === true || inbound.resolve === true || inbound.tasks === "complete" || executes;
  const wanted = isReading ? [writes ? WRITE_INCIDENTS : READ_INCIDENTS, READ_ALERTS] : [];
  return [
    grant(GRAPH_APP_ID, "Microsoft Graph", [READ_INCIDENTS, WRITE_INCIDENTS, READ_ALERTS], wanted),
    grant(ENDPOINT_APP_ID, "Defender for Endpoint", ENDPOINT_ROLES, executes ? ENDPOINT_ROLES : []),
  ];
}

function grant(appId, title, all, roles) {
  return { appId, title, roles, others: all.filter((name) => !roles.includes(name)) };
}

function check({ lanes, secretNames }) {
  if (lanes.length === 0) throw new Error("the configuration has no connector: nothing would be written anywhere");
  for (const lane of lanes) {
    if (!CONNECTOR_ID.test(lane)) throw new Error(`"${lane}" is no connector id: small letters, digits and -`);
  }
  for (const name of secretNames) {
    if (!SECRET_NAME.test(name)) throw new Error(`a secret is named by an environment variable in capital letters`);
  }
  const [double] = lanes.filter((lane, index) => lanes.indexOf(lane) < index);
  if (double !== undefined) throw new Error(`"${double}" is used twice; every id must be its own`);
}
