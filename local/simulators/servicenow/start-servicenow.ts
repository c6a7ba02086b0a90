import { machineClock, type SimulatorClock } from "../clock.ts";
import { createBehaviour } from "../http/behaviour.ts";
import { createControlPanel } from "../http/control-panel.ts";
import type { Faults } from "../http/faults.ts";
import { PAGE_HEADERS } from "../http/html.ts";
import { type Call, htmlReply, type Reply, type Route, textReply } from "../http/message.ts";
import type { RequestCounters } from "../http/request-counters.ts";
import { startServer } from "../http/start-server.ts";
import { type Attachments, createAttachments } from "./attachments.ts";
import { type ChoiceList, createChoiceList } from "./choice-list.ts";
import { createCredentials, DEFAULT_CREDENTIALS, type ServiceNowCredentials } from "./credentials.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { createHourlyQuota } from "./hourly-quota.ts";
import { recordPage, ticketOfLink } from "./record-page.ts";
import { defaultServiceNowBehaviour, SERVICENOW_CHOICES, type ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { failure } from "./servicenow-reply.ts";
import { incidentTable, securityTable } from "./table-definition.ts";
import { answerTable, type TableContext } from "./table-routes.ts";
import { createTicketStore, isRefusal, type Ticket, type TicketStore } from "./ticket-store.ts";
import type { Fields } from "./write-context.ts";

export interface ServiceNowOptions {
  readonly port?: number;
  readonly clock?: SimulatorClock;
  readonly credentials?: Partial<ServiceNowCredentials>;
  /** People and groups besides the caller's user; a reference to anybody else is lost. */
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly behaviour?: Partial<ServiceNowBehaviour>;
}

export interface ServiceNowSimulator {
  readonly url: string;
  readonly credentials: ServiceNowCredentials;
  /** Of the table `incident`. */
  readonly tickets: TicketStore;
  /** Of the table `sn_si_incident`. */
  readonly securityIncidents: TicketStore;
  readonly choices: ChoiceList;
  readonly attachments: Attachments;
  readonly directory: Directory;
  readonly behaviour: ServiceNowBehaviour;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  /** A person works on the ticket in ServiceNow. Throws where the platform refuses. */
  changeAs(userName: string, sysId: string, fields: Fields): Ticket;
  /** The platform or an administrator does, free of data policies. */
  changeAsAdmin(sysId: string, fields: Fields): Ticket;
  revokeTokens(): void;
  close(): Promise<void>;
}

/** A simulated ServiceNow: the Table API with `incident` and `sn_si_incident`, attachments, OAuth, and a page for each record. */
export async function startServiceNow(options: ServiceNowOptions = {}): Promise<ServiceNowSimulator> {
  const clock = options.clock ?? machineClock;
  const behaviour = { ...defaultServiceNowBehaviour(), ...options.behaviour };
  const accepted = { ...DEFAULT_CREDENTIALS, ...options.credentials };
  const credentials = createCredentials(accepted, clock, behaviour);
  const directory = createDirectory({
    users: [accepted.username, ...(options.users ?? ["abel.tuter", "beth.anglin", "admin"])],
    groups: options.groups ?? ["SOC", "Security Operations", "Service Desk"],
  });
  const choices = createChoiceList();
  const tickets = createTicketStore(clock, directory, incidentTable(behaviour, choices));
  const securityIncidents = createTicketStore(clock, directory, securityTable(behaviour, choices));
  const stores = { incident: tickets, sn_si_incident: securityIncidents };
  const context: TableContext = { clock, behaviour, stores, directory, choices };
  const attachments = createAttachments((table, sysId) => storeNamed(table)?.get(sysId) !== undefined, behaviour);
  const quota = createHourlyQuota(clock, behaviour);

  const panel = createControlPanel({
    name: "ServiceNow",
    behaviour: createBehaviour(behaviour, SERVICENOW_CHOICES),
    records: () =>
      Object.values(stores).flatMap((store) =>
        newest(store).map((ticket) => ({ href: linkOf(ticket), text: titleOf(ticket) })),
      ),
    views: { tickets: () => viewOf(tickets), securityIncidents: () => viewOf(securityIncidents) },
  });
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    route: (_method, _path, call) => route(call),
    control: (call, running) => panel(call, running) ?? page(call),
  });

  function route(call: Call): Route {
    const [, version = "", table, sysId] =
      /^\/api\/now(?:\/(v1|v2))?\/table\/([^/]+)(?:\/([^/]+))?$/.exec(call.path) ?? [];
    const [, attachment] = /^\/api\/now(?:\/v[12])?\/attachment((?:\/[^/]+){0,2})$/.exec(call.path) ?? [];
    const isToken = call.path === "/oauth_token.do" && call.method === "POST";
    return {
      kind: isToken ? "token" : kindOf(call.method, attachment === undefined ? table : "attachment", sysId),
      run() {
        if (behaviour.asleep)
          return htmlReply(
            200,
            "<!doctype html><title>Instance Hibernating</title><h1>Your instance is hibernating</h1>",
          );
        if (isToken) return credentials.grant(call);
        const user = credentials.userOf(call);
        if (user === undefined) return unauthorized();
        if (!(call.headers.accept ?? "").includes("application/json"))
          return failure(400, "Bad Request", "The header Accept: application/json is required");
        if (attachment !== undefined) return quota() ?? attachments.answer(call, attachment, user);
        if (table === undefined)
          return failure(400, `Requested URI does not represent any resource: ${call.path}`, null);
        return quota() ?? answerTable(call, version, table, sysId, user, context);
      },
    };
  }

  function page(call: Call): Reply | undefined {
    if (call.method !== "GET" || !PAGES.has(call.path)) return undefined;
    for (const store of Object.values(stores)) {
      const ticket = ticketOfLink(call.query, store);
      if (ticket !== undefined) return htmlReply(200, recordPage(ticket, store, context), PAGE_HEADERS);
    }
    return textReply(404, "text/plain; charset=utf-8", "Record not found");
  }

  function viewOf(store: TicketStore): unknown {
    const whole = ({ sysId, fields }: Ticket): unknown => ({ ...fields, journal: store.journal(sysId) });
    return { count: store.size(), tickets: [...store.all()].map(whole) };
  }

  function storeWith(sysId: string): TicketStore | undefined {
    return Object.values(stores).find((store) => store.get(sysId) !== undefined);
  }

  function storeNamed(table: string): TicketStore | undefined {
    return table === "incident" || table === "sn_si_incident" ? stores[table] : undefined;
  }

  function change(sysId: string, fields: Fields, userName: string, isAdmin: boolean): Ticket {
    const written = (storeWith(sysId) ?? tickets).write(sysId, fields, { userName, isAdmin });
    if (isRefusal(written)) throw new Error(`the simulated ServiceNow refuses: ${written.detail}`);
    return written;
  }

  return {
    url: server.url,
    credentials: accepted,
    tickets,
    securityIncidents,
    choices,
    attachments,
    directory,
    behaviour,
    faults: server.faults,
    requests: server.requests,
    changeAs: (userName, sysId, fields) => change(sysId, fields, userName, false),
    changeAsAdmin: (sysId, fields) => change(sysId, fields, "admin", true),
    revokeTokens: () => credentials.revokeTokens(),
    close: () => server.close(),
  };
}

/** Where people open records. */
const PAGES: ReadonlySet<string> = new Set(["/nav_to.do", "/incident.do", "/sn_si_incident.do"]);

function unauthorized(): Reply {
  return failure(401, "User Not Authenticated", "Required to provide Auth information", {
    "www-authenticate": 'BASIC realm="Service-now"',
  });
}

function kindOf(method: string, table: string | undefined, sysId: string | undefined): string {
  if (table === undefined) return "other";
  if (method === "GET") return `${sysId === undefined ? "list" : "read"} ${table}`;
  const verbs: Readonly<Record<string, string>> = { POST: "create", PATCH: "change", PUT: "change", DELETE: "delete" };
  return `${verbs[method] ?? method} ${table}`;
}

function newest(tickets: TicketStore): readonly Ticket[] {
  const rows = tickets.rows();
  const shown: Ticket[] = [];
  for (const ticket of rows.walkDown(rows.size())) {
    shown.push(ticket);
    if (shown.length >= 50) break;
  }
  return shown;
}

function linkOf({ sysId, fields }: Ticket): string {
  return `/nav_to.do?uri=${encodeURIComponent(`${fields["sys_class_name"]}.do?sys_id=${sysId}`)}`;
}

function titleOf({ fields }: Ticket): string {
  return `${fields["number"]} [state ${fields["state"]}] ${fields["short_description"]}`;
}
