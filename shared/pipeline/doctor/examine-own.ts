import type { TenantId } from "../../incident/incident.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import { ConflictError, type Tables } from "../ports/table.ts";
import { requestPollsForBell } from "../request-polls.ts";
import type { DoctorFinding, SecretState } from "./diagnosis.ts";
import { look, well } from "./look.ts";

const TABLES_MEND =
  "check TABLES_ENDPOINT, and that the identity has Storage Table Data Contributor on the storage account";
const BUS_MEND =
  "check ServiceBusConnection, and that the identity has Azure Service Bus Data Sender and Data Receiver on the namespace";
const PARTITION = "doctor";
const DAY_MS = 24 * 60 * 60_000;
const CERTIFICATE_WARNED_MS = 30 * DAY_MS;

/** A row is made, changed under its version, refused under an old one, and taken away again, in each table. */
export async function examineTables(tables: Tables, clock: Clock, row: string): Promise<readonly DoctorFinding[]> {
  const names = Object.keys(tables) as (keyof Tables)[];
  const found = await Promise.all(
    names.map((name) =>
      look(clock, { area: "tables", about: name }, TABLES_MEND, async () => {
        const table = tables[name];
        const about = { area: "tables", about: name } as const;
        const first = await table.put(PARTITION, row, { at: clock.now() }, "absent");
        await table.put(PARTITION, row, { at: clock.now(), again: true }, { etag: first });
        const isGuarded = await isRefused(() => table.put(PARTITION, row, {}, { etag: first }));
        await table.delete(PARTITION, row, "any");
        if (isGuarded) return [well(about, "rows can be written and read, under their versions")];
        const seen = "a row was written over although its version was old: two workers could overwrite each other";
        return [{ ...about, verdict: "error", seen, mend: "this is no Azure Tables; use one" }];
      }),
    ),
  );
  return found.flat();
}

async function isRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return true;
  }
}

/** A bell, which only means "poll now". */
export function examineBus(
  deps: { readonly bus: Bus; readonly clock: Clock },
  tenants: readonly TenantId[],
): Promise<readonly DoctorFinding[]> {
  const about = { area: "bus", about: "" } as const;
  return look(deps.clock, about, BUS_MEND, async () => {
    await requestPollsForBell(deps, tenants);
    return [well(about, "messages can be sent: each tenant was asked to be polled")];
  });
}

export function examineSecrets(secrets: readonly SecretState[], now: number): readonly DoctorFinding[] {
  return secrets.map((secret): DoctorFinding => {
    const about = { area: "secrets", about: secret.place } as const;
    switch (secret.state) {
      case "missing":
        return { ...about, verdict: "error", seen: `${secret.name} is not set`, mend: `set ${secret.name}` };
      case "unresolved":
        return {
          ...about,
          verdict: "error",
          seen: `${secret.name} is a Key Vault reference that does not resolve`,
          mend: "check the secret's name in the vault, Key Vault Secrets User for the identity, and keyVaultReferenceIdentity of the app",
        };
      case "unusable":
        return {
          ...about,
          verdict: "error",
          seen: `${secret.name} ${secret.problem ?? "is not of the kind that is wanted here"}`,
          mend: "an address is a whole https one; a doorbell's secret is whsec_ and 24 or more random bytes in base64; a certificate is PEM with its private key",
        };
      case "set":
        return secret.endsAt === undefined
          ? well(about, `${secret.name} is set; how old it is, only the vault tells (on Azure: npm run azure:secrets)`)
          : certificateFinding(about, secret.endsAt, now);
      default:
        return secret.state satisfies never;
    }
  });
}

function certificateFinding(about: Pick<DoctorFinding, "area" | "about">, endsAt: number, now: number): DoctorFinding {
  const days = Math.floor((endsAt - now) / DAY_MS);
  if (endsAt - now > CERTIFICATE_WARNED_MS) return well(about, `the certificate is good for ${days} more days`);
  const seen = endsAt <= now ? "the certificate has ended" : `the certificate ends in ${days} days`;
  return {
    ...about,
    verdict: endsAt <= now ? "error" : "warning",
    seen,
    mend: "renew it, in Entra ID and in the vault",
  };
}
