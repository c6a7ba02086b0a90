import { parseArgs } from "node:util";
import { type Answer, type Place, callOperation, exitCodeOf, withPlace } from "../local/operations-client.ts";
import type { ParkedWork } from "../shared/pipeline/park/park.ts";
import { printable } from "../local/terminal-words.ts";
import { orSay } from "./options.ts";
import { DEFAULT_REASON, REMOTE_OPTIONS, REMOTE_USAGE, remoteOf } from "./remote.ts";

const USAGE = `dex-sync parked list|show|replay|drop [--tenant ID] [--incident ID] [--connector ID] [--all] [--reason TEXT]
        work that could not go on: list it, show it whole, send it on its way again, or let it be
  --incident ID        of one incident
  --connector ID       of one connector; "source" for what could not be read
  --all                everything (replay and drop do nothing without a name or this)
${REMOTE_USAGE}`;

const OPTIONS = {
  ...REMOTE_OPTIONS,
  incident: { type: "string" },
  connector: { type: "string" },
  all: { type: "boolean" },
} as const;

interface Filter {
  readonly tenant?: string | undefined;
  readonly incident?: string | undefined;
  readonly connector?: string | undefined;
}

/** As the product lists it; the body is there where it was asked for whole. */
type ParkedLine = ParkedWork & { readonly tenantId: string };

/** Exit codes: 0 done, 1 it cannot go on, or some of it could not be replayed; 2 the call or the configuration is wrong. */
export async function parkedCommand(args: readonly string[]): Promise<number> {
  const parsed = orSay("parked", USAGE, () => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }));
  if (parsed === undefined) return 2;
  const { values, positionals } = parsed;
  const [verb, ...more] = positionals;
  if (verb === undefined || !["list", "show", "replay", "drop"].includes(verb) || more.length > 0) {
    console.error(`dex-sync parked: what of it? list, show, replay or drop\n\n${USAGE}`);
    return 2;
  }
  const { tenant, incident, connector } = values;
  const filter = { tenant, incident, connector };
  const isNamed = Object.values(filter).some((value) => value !== undefined);
  if ((verb === "replay" || verb === "drop") && !isNamed && values.all !== true) {
    console.error(`dex-sync parked ${verb}: name a tenant, an incident or a connector, or say --all`);
    return 2;
  }
  const place = await remoteOf("parked", values);
  if (place === undefined) return 2;
  return await withPlace("parked", place.remote, place.start, (at) =>
    verb === "list" || verb === "show"
      ? list(at, filter, verb === "show", values.json === true)
      : send(at, verb, { ...named(filter), ...(values.all === true ? { all: true } : {}) }, values),
  );
}

async function list(place: Place, filter: Filter, isWhole: boolean, isJson: boolean): Promise<number> {
  const query = new URLSearchParams({ ...named(filter), ...(isWhole ? { whole: "true" } : {}) });
  const answer = await callOperation(place, "GET", `parked?${query}`);
  const code = exitCodeOf("parked", place, answer);
  if (code !== undefined) return code;
  const parked = (answer?.body["parked"] ?? []) as readonly ParkedLine[];
  if (isJson) console.log(JSON.stringify({ parked }));
  else if (parked.length === 0) console.log("nothing is parked");
  else for (const line of parked) console.log(textOf(line));
  return 0;
}

/** What tools and incidents say goes to a terminal as plain text. */
function textOf({ tenantId, incidentId, what, reason, message, mend, parkedAt, body }: ParkedLine): string {
  return [
    printable(`${new Date(parkedAt).toISOString()}  ${tenantId}  ${incidentId}  ${what}: ${reason}`),
    `  ${printable(message)}`,
    ...(mend === "" ? [] : [`  mend: ${printable(mend)}`]),
    ...(body === undefined ? [] : [`  body: ${printable(JSON.stringify(body), Number.POSITIVE_INFINITY)}`]),
  ].join("\n");
}

async function send(
  place: Place,
  verb: "replay" | "drop" | string,
  filter: Readonly<Record<string, unknown>>,
  values: { readonly reason?: string | undefined; readonly json?: boolean | undefined },
): Promise<number> {
  const answer = await callOperation(place, "POST", verb, { ...filter, reason: values.reason ?? DEFAULT_REASON });
  const code = exitCodeOf(`parked ${verb}`, place, answer);
  if (code !== undefined) return code;
  const done = Number(answer?.body["done"] ?? 0);
  if (values.json === true) console.log(JSON.stringify(answer?.body));
  else
    console.log(`${done} ${verb === "replay" ? "sent on their way again; each row goes with its success" : "dropped"}`);
  for (const problem of problemsOf(answer)) console.error(`dex-sync parked ${verb}: ${printable(problem)}`);
  return problemsOf(answer).length === 0 ? 0 : 1;
}

function problemsOf(answer: Answer | undefined): readonly string[] {
  return answer?.problems ?? [];
}

function named(filter: Filter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
