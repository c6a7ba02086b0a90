/** What the triggers do, with every SDK it needs: a file of its own beside the bundle, loaded with the first work. Registering functions costs none of it. */
export { doctorDeps } from "../shared/compose-doctor.ts";
export { compose } from "../shared/composition.ts";
export { holdMessage, isMisconfigured } from "../shared/hold-message.ts";
export { examine } from "../shared/pipeline/doctor/examine.ts";
export { operatePreview } from "../shared/pipeline/operate-preview.ts";
export { operateReconcile } from "../shared/pipeline/operate-reconcile.ts";
export { operateRebuild, tellRebuild } from "../shared/pipeline/operate-rebuild.ts";
export { requestLostRebuilds } from "../shared/pipeline/rebuild.ts";
export { operate } from "../shared/pipeline/operate.ts";
export { tellBackfill } from "../shared/pipeline/operate-backfill.ts";
export { tellParked } from "../shared/pipeline/parked-work.ts";
export { measure } from "../shared/pipeline/measure.ts";
export { handleDelta } from "../shared/pipeline/handle-delta.ts";
export { parkDeadLetter } from "../shared/pipeline/park-dead-letter.ts";
export { handlePollMessage } from "../shared/pipeline/handle-poll-request.ts";
export { hearGraphBell } from "../shared/pipeline/graph-bell.ts";
export { requestDueWalks } from "../shared/pipeline/walk-links.ts";
export { requestSubscriptions } from "../shared/pipeline/request-subscriptions.ts";
