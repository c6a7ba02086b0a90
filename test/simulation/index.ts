/** What the bundle of the simulation offers (see `load.ts`). */
export { type HistoryOptions, type HistoryResult, runHistory } from "./history.ts";
export { CREATE_PATH, WHOLE_LIFE, runKilled } from "./crash-points.ts";
export { PLANTED_AT_JIRA } from "./planted-jira.ts";
export { PLANTED_AT_THE_RECEIVER } from "./planted-events.ts";
export { NO_OPERATIONS } from "./operations-plan.ts";
export { PLANTED_AT_OPERATIONS } from "./planted-operations.ts";
export { PLANTED_AT_THE_SOURCE } from "./planted-source.ts";
export { PLANTED_AT_THE_TICKETS } from "./planted-tickets.ts";
export { planOf } from "./plan.ts";
