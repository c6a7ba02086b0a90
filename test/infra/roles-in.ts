import type { Deployment } from "./deployment.ts";

const ROLES: Readonly<Record<string, string>> = {
  "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
  "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
  "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
};

/** Longest first: a queue's scope names its namespace too. */
const SCOPES: readonly (readonly [RegExp, string])[] = [
  [/Microsoft\.ServiceBus\/namespaces\/queues'.*'poll-requests'/, "queue poll-requests"],
  [/Microsoft\.Storage\/storageAccounts\/tableServices\/tables'.*'control'/, "table control"],
  [/Microsoft\.ServiceBus\/namespaces\/[^/']+$/, "bus"],
  [/Microsoft\.Storage\/storageAccounts\/stin[^/']+$/, "intake's account"],
  [/Microsoft\.Storage\/storageAccounts\/[^/']+$/, "account"],
  [/Microsoft\.KeyVault\/vaults\/[^/']+$/, "vault"],
  [/Microsoft\.Insights\/components\/[^/']+$/, "Application Insights"],
];

/** "who: role on what" of every role assignment, sorted. What is not known here is said as it is, so that a test sees it. */
export function rolesIn({ of }: Deployment): readonly string[] {
  return of("Microsoft.Authorization/roleAssignments")
    .map(({ id, properties }) => {
      const role = String(properties["roleDefinitionId"]).split("/").at(-1) ?? "";
      return `${holderOf(String(properties["principalId"]))}: ${ROLES[role] ?? role} on ${scopeIn(id)}`;
    })
    .sort();
}

function holderOf(principal: string): string {
  if (!principal.startsWith("[")) return principal.startsWith("11111111-") ? "operator" : principal;
  if (principal.includes("intakeIdentity-{0}")) return "intake";
  return principal.includes("'identity-{0}'") ? "app" : principal;
}

function scopeIn(id: string): string {
  const expression = /^\[extensionResourceId\((.*?), 'Microsoft\.Authorization\/roleAssignments', guid/.exec(id)?.[1];
  const scope = (expression ?? id.split("/providers/Microsoft.Authorization/")[0] ?? "").replace(/^'(.*)'$/, "$1");
  return SCOPES.find(([pattern]) => pattern.test(scope))?.[1] ?? scope;
}
