// A directory, a vault and a bus behind `az`, `azd` and `func`, kept in the file that FAKE_AZURE names. What it does not know fails, as the real thing would.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const file = process.env.FAKE_AZURE;
const state = JSON.parse(readFileSync(file, "utf8"));
const [tool, ...args] = process.argv.slice(2);
appendFileSync(`${file}.log`, `${JSON.stringify([tool, ...args])}\n`);

const option = (name) => args[args.indexOf(name) + 1];
const ARM = "https://management.azure.com";
const GRAPH = "https://graph.microsoft.com";
const SERVICES = {
  "00000003-0000-0000-c000-000000000000": ["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All", "SecurityAlert.Read.All"],
  "fc780465-2017-40d4-a0c5-307022471b92": ["Machine.Isolate", "Machine.RestrictExecution", "Machine.StopAndQuarantine", "Machine.CollectForensics", "Machine.Scan"],
}; // prettier-ignore

if (tool === "azd") azd();
else if (tool === "func") process.exitCode = state.publishes ? 0 : 1;
else if (args[0] === "version") answer({});
else if (args[0] === "cloud")
  answer({ endpoints: { microsoftGraphResourceId: `${GRAPH}/`, resourceManager: `${ARM}/` } });
else if (args[0] === "functionapp" && args[1] === "list-flexconsumption-locations")
  answer(state.regions.map((name) => ({ name })));
else if (args[0] === "functionapp" && args[2] === "appsettings") setAppSetting();
else if (args[0] === "keyvault" && args[1] === "list-deleted") answer(state.deletedVaults);
else if (args[0] === "account") answer({ tenantId: state.tenantId });
else if (args[0] === "provider") answer({ registrationState: state.provider });
else if (args[0] === "rest") rest(option("--method"), option("--url"));
else fail(`az ${args.join(" ")}: unknown`);

function azd() {
  if (args[0] === "env" && args[1] === "set") state.azd[args[2]] = args[3];
  else if (args[0] !== "env" || args[1] !== "get-values") fail(`azd ${args.join(" ")}: unknown`);
  answer(state.azd);
}

function rest(method, url) {
  const body = args.includes("--body") ? JSON.parse(readFileSync(option("--body").slice(1), "utf8")) : undefined;
  if (url.startsWith(`${GRAPH}/v1.0/servicePrincipals`)) return directory(method, url, body);
  if (url.includes("/providers/Microsoft.Authorization/permissions")) return answer({ value: state.permissions });
  if (url.includes("/configreferences/appsettings/refresh"))
    return state.isAppGone ? fail("(ResourceNotFound) The Resource was not found.") : answer({});
  if (url.includes("/Microsoft.Authorization/roleAssignments")) return roleAssignments(method, new URL(url), body);
  if (url.includes("/Microsoft.SecurityInsights/automationRules")) return automationRules(method, new URL(url));
  if (url.includes("/Microsoft.OperationalInsights/workspaces/")) return workspace(new URL(url).pathname);
  const secret = /\/vaults\/([^/]+)\/secrets\/([a-z0-9-]+)\?/.exec(url);
  if (secret !== null) return vault(method, secret[2], body);
  if (url.includes("/Microsoft.ServiceBus/namespaces/")) return bus(method, url);
  return fail(`${method} ${url}: unknown`);
}

function directory(method, url, body) {
  if (url.includes("$filter")) {
    const appId = /appId eq '([^']+)'/.exec(url)[1];
    if (state.absentServices.includes(appId)) return answer({ value: [] });
    const appRoles = SERVICES[appId].map((value) => ({
      id: `id of ${value}`,
      value,
      allowedMemberTypes: ["Application"],
    }));
    return answer({ value: [{ id: `service ${appId}`, appRoles }] });
  }
  if (state.unknownFor > 0) {
    state.unknownFor -= 1;
    save();
    fail('Not Found({"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist"}})');
  }
  if (method === "get") return answer({ value: state.assignments });
  if (state.isDenied) fail('Forbidden({"error":{"code":"Authorization_RequestDenied"}})');
  if (method === "post") state.assignments.push({ id: `assignment of ${body.appRoleId}`, ...body });
  else state.assignments = state.assignments.filter(({ id }) => id !== decodeURIComponent(url.split("/").at(-1)));
  return answer({});
}

function vault(method, name, body) {
  if (method === "put") state.secrets[name] = body.properties.value;
  else if (!(name in state.secrets)) fail('Not Found({"error":{"code":"SecretNotFound"}})');
  const attributes = { enabled: true, updated: Math.floor(Date.now() / 1_000), ...state.secretAttributes[name] };
  return answer({ name, properties: { attributes } });
}

/** As Resource Manager filters them: at the scope, above and below it. It answers with small letters where it likes. */
function roleAssignments(method, url, body) {
  const [scope, name] = decodeURIComponent(url.pathname).split("/providers/Microsoft.Authorization/roleAssignments");
  if (method === "get") {
    const principalId = /principalId eq '([^']+)'/.exec(url.searchParams.get("$filter"))[1];
    const small = scope.toLowerCase();
    const value = state.azureRoles.filter(
      ({ properties }) =>
        properties.principalId === principalId &&
        (small.startsWith(properties.scope.toLowerCase()) || properties.scope.toLowerCase().startsWith(small)),
    );
    return answer({ value });
  }
  if (state.deniedScopes.includes(scope)) fail('Forbidden({"error":{"code":"AuthorizationFailed"}})');
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments${name}`;
  if (method === "delete") state.azureRoles = state.azureRoles.filter((role) => role.id !== id);
  else state.azureRoles.push({ id, properties: { ...body.properties, scope: scope.replace("resourceGroups", "resourcegroups") } });
  return answer({});
} // prettier-ignore

/** One rule a page. */
function automationRules(method, url) {
  if (method === "delete") {
    state.rules = state.rules.filter(({ id }) => id !== decodeURIComponent(url.pathname));
    return answer(undefined);
  }
  const from = Number(url.searchParams.get("$skipToken") ?? 0);
  const next = new URL(url);
  next.searchParams.set("$skipToken", String(from + 1));
  return answer({
    value: state.rules.slice(from, from + 1),
    ...(from + 1 < state.rules.length ? { nextLink: next.href } : {}),
  });
}

function workspace(path) {
  if (state.workspaces.includes(path)) return answer({ id: path });
  return fail('Not Found({"error":{"code":"ResourceNotFound"}})');
}

function setAppSetting() {
  if (option("--subscription") === undefined || !args.includes("--subscription")) fail("which subscription?");
  if (state.isAppGone) fail("(ResourceNotFound) The Resource was not found.");
  answer(undefined);
}

function bus(method, url) {
  if (method === "get") return answer({ value: state.queues });
  const name = url.split("/").at(-1).split("?")[0];
  state.queues = state.queues.filter((queue) => queue.name !== name);
  return answer(undefined);
}

function save() {
  writeFileSync(file, JSON.stringify(state));
}

function answer(value) {
  save();
  if (value !== undefined) process.stdout.write(JSON.stringify(value));
}

function fail(message) {
  process.stderr.write(`ERROR: ${message}\n`);
  process.exit(1);
}
