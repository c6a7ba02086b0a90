import { startQRadar } from "../local/simulators/qradar/start-qradar.ts";
import { leefOfEvent } from "../shared/connectors/qradar/leef-of-event.ts";
import { toLeefLine } from "../shared/connectors/qradar/leef.ts";
import { createSyslogSender } from "../shared/connectors/qradar/syslog-sender.ts";
import { anEvent } from "../test/contract/qradar-bench.ts";
import { summary } from "./percentiles.ts";

const EVENTS = 10_000;
const BAR_MS = 60_000;
/** As many as a lane has sessions. */
const AT_ONCE = 32;

/** 10,000 events by syslog over TLS to a receiver on this machine, in the same process: from the event to the line that arrived. False where it takes more than a minute, or a line is missing. */
export async function benchSyslog(): Promise<boolean> {
  const simulator = await startQRadar({ behaviour: { ruleOn: false } });
  const sender = createSyslogSender({
    host: "127.0.0.1",
    port: simulator.syslog.port,
    tls: { authority: simulator.authority },
    framing: "newline",
    isAllowed: () => true,
    resolve: () => Promise.reject(new Error("nothing is looked up")),
  });
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, () => work()));
  await sender.close();
  const tookMs = performance.now() - began;
  const ids = new Set(simulator.lines().map((line) => /\^mdxEventId=(\w+)/.exec(line)?.[1]));
  const bytes = simulator.lines().reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  const { made } = simulator.syslog.connections();
  await simulator.close();
  console.log(
    `${EVENTS} events over TLS, ${AT_ONCE} at once: ${(tookMs / 1_000).toFixed(1)} s, ${Math.round((EVENTS / tookMs) * 60_000)} a minute; each ${summary(times)}; ${made} connections; ${Math.round(bytes / simulator.lines().length)} bytes a line; ${ids.size} arrived, ${simulator.lines().length - ids.size} twice`,
  );
  return ids.size === EVENTS && tookMs <= BAR_MS;

  async function work(): Promise<void> {
    for (let index = next++; index < EVENTS; index = next++) {
      const id = index.toString(16).padStart(32, "0");
      const event = anEvent({ title: `Multi-stage incident involving execution on HOST-${index}` }, { id, seq: index });
      const startedAt = performance.now();
      await sender.send(
        toLeefLine(leefOfEvent(event, "dex-sync", ["security.microsoft.com"])),
        new AbortController().signal,
      );
      times.push(performance.now() - startedAt);
    }
  }
}
