/** What the triggers do, with every SDK it needs: a file of its own beside the bundle, loaded with the first work. Registering functions costs none of it. */
export { compose } from "../shared/composition.ts";
export { handleDelta } from "../shared/pipeline/handle-delta.ts";
export { handlePollMessage } from "../shared/pipeline/handle-poll-request.ts";
