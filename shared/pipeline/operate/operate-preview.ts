import { type PreviewDeps, preview } from "../preview/preview.ts";
import type { Preview } from "../preview/previewed.ts";

const DEFAULT_LAST = 50;
const MOST = 200;

/** 200 with the preview that is asked for, 400 with what is wrong. `named`: the parts of a query. */
export async function operatePreview(
  deps: PreviewDeps,
  named: (name: "last" | "tenant" | "connector" | "incident") => string | null,
): Promise<{ readonly status: number; readonly body: Preview | { readonly problems: readonly string[] } }> {
  const last = Number(named("last") ?? DEFAULT_LAST);
  const tenant = named("tenant");
  const connector = named("connector");
  const incident = named("incident");
  const { tenants, connectors } = deps.config;
  const problems = [
    ...(Number.isInteger(last) && last >= 1 && last <= MOST ? [] : [`last: must be a number from 1 to ${MOST}`]),
    ...problemOf("tenant", tenant, tenants),
    ...problemOf("connector", connector, connectors),
  ];
  if (problems.length > 0) return { status: 400, body: { problems } };
  const request = {
    last,
    ...(tenant === null ? {} : { tenant }),
    ...(connector === null ? {} : { connector }),
    ...(incident === null ? {} : { incident }),
  };
  return { status: 200, body: await preview(deps, request) };
}

function problemOf(what: string, id: string | null, known: readonly { readonly id: string }[]): readonly string[] {
  if (id === null || known.some((one) => one.id === id)) return [];
  return [`${what}: there is no ${what} "${id}" in the configuration`];
}
