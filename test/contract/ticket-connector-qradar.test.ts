import { hiddenIn, htmlIn, linkIn } from "../shared/connectors/inertness.ts";
import { startQRadarBench } from "./qradar-bench.ts";
import { type TicketHarness, afterFirstWriteOver, describeTicketConnector } from "./ticket-connector.ts";

/** An event that raises an offense goes beside the calls of the console; faults strike those alone. */
async function startHarness(): Promise<TicketHarness> {
  const bench = await startQRadarBench();
  const { simulator } = bench;
  const { store } = simulator;
  const connector = bench.connect();
  const offense = (id: string) => store.offenses.get(Number(id));
  return {
    connector,
    refused: bench.connect({ token: "withdrawn" }),
    afterFirstWrite: (happen) => bench.connect({ http: afterFirstWriteOver(bench.http, happen) }),
    seed: (incident) => bench.adopt(connector, incident),
    workAsPerson(ref) {
      const found = offense(ref.id);
      if (found === undefined) throw new Error("no such offense");
      Object.assign(found, { assigned_to: "somebody", protected: true, status: "HIDDEN" });
    },
    foreign(ref) {
      const { assigned_to: assignedTo, protected: isProtected, status } = offense(ref.id) ?? {};
      return { assignedTo, isProtected, status };
    },
    change: { values: { status: "OPEN", followUp: "true" }, tags: { add: [], remove: [] } },
    shows: (ticket) => ticket.values["followUp"] === "true",
    noteCount: (ref) => (store.notes.get(Number(ref.id)) ?? []).filter((text) => text.startsWith("[mdx:")).length,
    texts: (ref) => [
      ...(store.notes.get(Number(ref.id)) ?? []).map((text) => text.replace(/^\[mdx:[^\]]*\]/, "")),
      ...[...(store.tables.get("mdx_incidents") ?? new Map<string, Map<string, string>>()).values()].flatMap((row) => [
        ...row.values(),
      ]),
    ],
    isLive: (text) => hiddenIn(text) ?? linkIn(text) ?? htmlIn(text) ?? /\[\s*mdx:/i.exec(text)?.[0],
    writeMethod: "POST",
    longNote: 1_400,
    addFault: simulator.faults.add,
    clearFaults: simulator.faults.clear,
    requestCount: () => simulator.requests.read().total,
    close: bench.close,
  };
}

describeTicketConnector("QRadar", startHarness);
