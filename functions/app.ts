import type { ConnectorId } from "../shared/connectors/connector.ts";
import { isEventKind } from "../shared/config/connector-kinds.ts";
import { ConfigError } from "../shared/config/config.ts";
import { readLanes, readPollInterval } from "../shared/config/read-lanes.ts";
import { readSettings } from "../shared/config/settings.ts";
import { cronOf } from "../shared/config/schedule.ts";
import { registerDetectChanges } from "./detect-changes.ts";
import { registerDoctor } from "./doctor.ts";
import { registerDrainLane, registerDrainPolls } from "./drain-dead-letters.ts";
import { registerEndWork } from "./end-work.ts";
import { registerMeasure } from "./measure.ts";
import { registerOperate } from "./operate.ts";
import { registerOperateSignedIn } from "./operate-signed-in.ts";
import { registerPreview } from "./preview.ts";
import { registerReconcile } from "./reconcile.ts";
import { registerReportHealth } from "./report-health.ts";
import { registerReportMetrics } from "./report-metrics.ts";
import { registerReportOverview } from "./report-overview.ts";
import { registerRenewSubscriptions } from "./renew-subscriptions.ts";
import { registerRequestPolls } from "./request-polls.ts";
import { registerRingDoorbellGraph } from "./ring-doorbell-graph.ts";
import { registerRingDoorbellSentinel } from "./ring-doorbell-sentinel.ts";
import { registerRingDoorbell } from "./ring-doorbell.ts";
import { registerSendEvent } from "./send-event.ts";
import { registerServePage } from "./serve-page.ts";
import { registerSyncTicket } from "./sync-ticket.ts";
import { registerTagIncident } from "./tag-incident.ts";
import { traceInvocations } from "./trace-invocations.ts";

export { provide } from "./compose-once.ts";

const { configFile, role } = readSettings();

/** What the bundle does when a Functions host loads it: what its role is. Lanes exist only for what is configured. */
traceInvocations();
registerEndWork();
if (role !== "intake") {
  registerServePage();
  registerReportHealth();
  registerReportOverview();
  registerReportMetrics();
  registerPreview();
  registerDoctor();
  registerOperate();
  registerOperateSignedIn();
}
if (role !== "worker") {
  registerRingDoorbell();
  registerRingDoorbellGraph();
  registerRingDoorbellSentinel();
}
if (role !== "intake") registerConfigured(configFile);

/** With a configuration that cannot be read only the HTTP functions are there, and health says why. */
function registerConfigured(configFile: string): void {
  try {
    registerRequestPolls(cronOf(readPollInterval(configFile)));
    registerRenewSubscriptions();
    registerDetectChanges();
    registerReconcile();
    registerMeasure();
    registerDrainPolls();
    for (const lane of readLanes(configFile)) {
      if (lane.kind === "sentinel") registerTagIncident(lane.id as ConnectorId);
      else if (isEventKind(lane.kind)) registerSendEvent(lane.id as ConnectorId);
      else registerSyncTicket(lane.id as ConnectorId);
      registerDrainLane(lane.id as ConnectorId);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
}
