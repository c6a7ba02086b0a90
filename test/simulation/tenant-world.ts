import { type Experts, createExperts } from "./experts.ts";
import { createGraphService } from "./graph-service.ts";
import { type Jira, createJira } from "./jira-service.ts";
import { startJiraPerson } from "./people-jira.ts";
import { closeLater, startPerson, startTwins } from "./people.ts";
import type { Plan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import { type TenantName, hostOf } from "./product-config.ts";
import { type Receiver, createReceiver } from "./receiver-service.ts";
import { type Sentinel, createSentinel } from "./sentinel-service.ts";
import type { Service } from "./service.ts";
import { type ServiceNow, createServiceNow } from "./servicenow-service.ts";
import type { SourceIncident, SourceRead } from "./source-record.ts";
import type { TicketRecord, TicketWrite } from "./ticket-record.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** One customer: their Defender, their tools, and the people who work in them. */
export interface TenantWorld {
  readonly name: TenantName;
  readonly incidents: Map<string, SourceIncident>;
  readonly experts: Experts;
  /** Empty where the tenant has no lane for it. */
  readonly serviceNow: ServiceNow;
  readonly jira: Jira | undefined;
  readonly sentinel: Sentinel | undefined;
  readonly receiver: Receiver | undefined;
  /** What the source told, each row that surely arrived. */
  readonly reads: readonly SourceRead[];
}

export type OnWrite = (
  place: { readonly tenant: TenantName; readonly tool: "servicenow" | "jira" | "sentinel" },
  record: TicketRecord,
  write: TicketWrite,
) => void;

export function createTenantWorld(world: {
  readonly name: TenantName;
  readonly plan: Plan;
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly services: Map<string, Service>;
  readonly until: number;
  isCalm(): boolean;
  onWrite: OnWrite;
  onActivity(): void;
}): TenantWorld {
  const { name, plan, timeline, trace, services, until } = world;
  const random = world.random.fork(`tenant-${name}`);
  const now = (): number => timeline.now();
  const incidents = new Map<string, SourceIncident>();
  const reads: SourceRead[] = [];

  const serviceNow = createServiceNow({
    plan: plan.serviceNow,
    random: random.fork("servicenow"),
    tenant: name,
    now,
    onWrite(record, write) {
      world.onWrite({ tenant: name, tool: "servicenow" }, record, write);
      if (write.isCreate) person.onRecord(record);
      const { closesAfterMs } = plan.serviceNow;
      if (write.values["state"] === "6" && closesAfterMs > 0)
        closeLater({ timeline, serviceNow, afterMs: closesAfterMs }, record);
    },
  });
  const jira = plan.ticketTools[name].includes("jira")
    ? createJira({
        plan: plan.jira,
        random: random.fork("jira"),
        now,
        isCalm: () => world.isCalm(),
        onWrite(record, write) {
          world.onWrite({ tenant: name, tool: "jira" }, record, write);
          if (write.isCreate) jiraPerson?.onRecord(record);
        },
      })
    : undefined;
  const jiraPerson =
    jira === undefined
      ? undefined
      : startJiraPerson({
          random: random.fork("jira person"),
          timeline,
          trace,
          jira,
          workflow: plan.jira.workflow,
          share: plan.person,
          until,
        });
  const sentinelHost = hostOf("sentinel", name);
  const sentinel = plan.hasSentinel
    ? createSentinel({
        workspace: `workspace-${name}`,
        url: `http://${sentinelHost}`,
        plan: plan.sentinel,
        random: random.fork("sentinel"),
        now,
        onWrite: (record, write) => world.onWrite({ tenant: name, tool: "sentinel" }, record, write),
      })
    : undefined;
  const person = startPerson({
    random: random.fork("person"),
    timeline,
    trace,
    serviceNow,
    sentinel,
    share: plan.person,
    until,
  });
  const onTwin =
    sentinel === undefined
      ? undefined
      : startTwins({
          random: random.fork("twins"),
          timeline,
          sentinel,
          twinAfterMs: plan.sentinel.twinAfterMs,
          onTwin: (twin) => person.onTwin(twin),
        });
  const experts = createExperts({
    tenant: name,
    plan,
    random: random.fork("experts"),
    timeline,
    trace,
    incidents,
    onLateRow: () => world.onActivity(),
    onChange(incident) {
      world.onActivity();
      onTwin?.(incident);
    },
  });

  const graphHost = hostOf("graph", name);
  services.set(
    graphHost,
    createGraphService({
      url: `http://${graphHost}`,
      plan: plan.source,
      random: random.fork("graph"),
      incidents,
      now,
      isCalm: () => world.isCalm(),
      onRead: (read) => void reads.push(read),
    }),
  );
  const receiver = plan.receiver === undefined ? undefined : createReceiver({ random: random.fork("receiver"), now });
  if (receiver !== undefined) services.set(hostOf("receiver", name), receiver.service);
  services.set(hostOf("servicenow", name), serviceNow.service);
  if (jira !== undefined) services.set(hostOf("jira", name), jira.service);
  if (sentinel !== undefined) services.set(sentinelHost, sentinel.service);
  return { name, incidents, experts, serviceNow, jira, sentinel, receiver, reads };
}
