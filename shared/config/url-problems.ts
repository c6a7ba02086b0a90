import type { ConfigFile } from "./schema.ts";

/** What must hold of every address beyond its shape. Never repeats one: it may hold a password. */
export function urlProblems(file: ConfigFile): readonly string[] {
  return [
    ...file.tenants.flatMap(({ graphUrl }, index) => [
      ...problemsOf(`tenants.${index}.graphUrl`, graphUrl),
      ...versionProblems(`tenants.${index}.graphUrl`, graphUrl),
    ]),
    ...file.connectors.flatMap((connector, index) =>
      connector.kind === "sentinel"
        ? problemsOf(`connectors.${index}.armUrl`, connector.armUrl)
        : problemsOf(`connectors.${index}.url`, connector.url),
    ),
    ...problemsOf("doorbells.publicUrl", file.doorbells?.publicUrl),
  ];
}

/** As the documentation writes it; each request adds the version that it needs. */
function versionProblems(path: string, address: string | undefined): readonly string[] {
  const version = /\/(?:v1\.0|beta)\/?$/.exec(address ?? "")?.[0];
  return version === undefined ? [] : [`${path}: ends in ${version}, which each request adds by itself; leave it out`];
}

function problemsOf(path: string, address: string | undefined): readonly string[] {
  if (address === undefined) return [];
  if (!URL.canParse(address)) return [`${path}: is no address; check its host, and its port (1 to 65535)`];
  const { username, password } = new URL(address);
  if (username === "" && password === "") return [];
  return [`${path}: must not hold a user name or password; name the environment variable of the secret instead`];
}
