import type { Prng } from "./prng.ts";
import { type Sentinel, labelsOf } from "./sentinel-service.ts";
import { CLOSED, type ServiceNow } from "./servicenow-service.ts";
import { type SourceIncident, newestOf } from "./source-record.ts";
import type { TicketRecord } from "./ticket-record.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** Somebody at the customer's who works in the tool: changes what they like, and now and then closes. */
export function startPerson(world: {
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly serviceNow: ServiceNow;
  readonly sentinel: Sentinel | undefined;
  /** Deeds a record, on average. */
  readonly share: number;
  readonly until: number;
}): { onRecord(record: TicketRecord): void; onTwin(twin: TicketRecord): void } {
  const { random, timeline, trace, serviceNow, sentinel, until } = world;
  let deeds = 0;

  return {
    onRecord(record) {
      while (random.chance(world.share)) later(() => editRecord(record));
    },
    onTwin(twin) {
      while (random.chance(world.share)) later(() => editTwin(twin));
    },
  };

  function later(deed: () => void): void {
    timeline.at(timeline.now() + random.next() ** 2 * (until - timeline.now()), deed);
  }

  function editRecord(record: TicketRecord): void {
    deeds += 1;
    const values: Readonly<Record<string, string>> = random.pick([
      { short_description: `our own words ${deeds}` },
      { urgency: random.pick(["1", "2", "3"]) },
      { assignment_group: `team ${deeds}` },
      { description: `what we think of it ${deeds}` },
      { state: "2" },
      { state: "6", close_code: "User error", close_notes: `closed by us ${deeds}` },
      { work_notes: `looked at it ${deeds}` },
      { correlation_display: `moved by hand ${deeds}` },
      random.chance(0.2) ? { state: CLOSED } : { impact: "1" },
    ]);
    const isTaken = serviceNow.write(record, "person", values);
    if (isTaken) trace.fault("person's edit");
    trace.note("person", `${record.number} ${JSON.stringify(values)} ${isTaken ? "" : "refused"}`);
  }

  function editTwin(twin: TicketRecord): void {
    deeds += 1;
    trace.fault("person's edit");
    sentinel?.write(twin, "person", { labels: [...labelsOf(twin), `soc-${deeds}`].join("|") });
  }
}

/** Resolved records are closed by the instance after a while. */
export function closeLater(
  world: { readonly timeline: Timeline; readonly serviceNow: ServiceNow; readonly afterMs: number },
  record: TicketRecord,
): void {
  const resolvedAt = world.timeline.now();
  world.timeline.after(world.afterMs, () => {
    const last = record.writes.findLast((write) => write.values["state"] !== undefined);
    if (record.values["state"] !== "6" || last?.at !== resolvedAt) return;
    world.serviceNow.write(record, "tool", { state: CLOSED });
  });
}

const STATUS: Readonly<Record<string, string>> = {
  active: "New",
  inProgress: "Active",
  awaitingAction: "Active",
  resolved: "Closed",
  redirected: "Closed",
};

/** Sentinel's own connector: the twin some minutes later, and then what becomes of the incident. */
export function startTwins(world: {
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly sentinel: Sentinel;
  readonly twinAfterMs: number;
  onTwin(twin: TicketRecord): void;
}): (incident: SourceIncident) => void {
  const { random, timeline, sentinel } = world;
  return (incident) => {
    const { displayName } = newestOf(incident);
    if (incident.versions.length === 1) {
      timeline.after(random.between(0, world.twinAfterMs), () =>
        world.onTwin(sentinel.makeTwin(incident.id, displayName)),
      );
    }
    timeline.after(world.twinAfterMs + random.between(0, 120_000), () => {
      const twin = sentinel.twins.get(incident.id);
      const { status, assignedTo } = newestOf(incident);
      if (twin === undefined) return;
      const labels = new Set(labelsOf(twin));
      if (status === "awaitingAction") labels.add("Awaiting Customer Action");
      if (status === "redirected") labels.add("redirected");
      sentinel.write(twin, "tool", {
        status: STATUS[status] ?? "Active",
        owner: assignedTo ?? "",
        labels: [...labels].join("|"),
      });
    });
  };
}
