// What stays in tools and directories of others when the product goes: it made none of it and has no right to take it away.

/** Returns a line for each, with its place. */
export function leftToYou(config, { doorbellSecrets, foreignTenants }) {
  return [
    "a subscription that the app could not give back ends by itself within a day",
    ...config.connectors.flatMap(accountOf),
    ...doorbellSecrets.map((name) => `whoever signs the doorbell with ${name}: take the call and the secret out there`),
    ...foreignTenants.map(
      (tenant) =>
        `tenant ${tenant}: its administrator deletes the app registration or its secret (Entra ID, "App registrations")`,
    ),
  ];
}

function accountOf(connector) {
  const { id, kind, url, auth, workspace, credential, secret, urlSecret } = connector;
  if (kind === "sentinel") {
    const rules = `${workspace}: automation rules of another name than "dex-sync doorbell" that call /api/doorbell/sentinel, with their playbooks`;
    const own = credential?.secret === undefined ? [] : [`${workspace} (${id}): the credential behind ${credential.secret}, with its role there`]; // prettier-ignore
    return [rules, ...own];
  }
  if (kind === "webhook")
    return [`${url ?? `the address in ${urlSecret}`} (${id}): the receiver, and what it checks ${secret} with`];
  if (kind === "qradar") {
    return [
      `${url} (${id}): the log source, custom property, reference table and closing reasons that "dex-sync setup qradar" made, your rule, and the authorized service behind ${auth?.secret}`,
    ];
  }
  const account = auth?.username === undefined ? "the account" : `the account ${auth.username}`;
  return [`${url} (${id}): ${account} and what is behind ${auth?.secret}; dex-sync made no rule or webhook there`];
}
