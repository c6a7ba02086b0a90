import burst from "../scenarios/burst.json" with { type: "json" };
import demo from "../scenarios/demo.json" with { type: "json" };
import expertsNotification from "../scenarios/experts-notification.json" with { type: "json" };
import falsePositive from "../scenarios/false-positive.json" with { type: "json" };
import handedToCustomer from "../scenarios/handed-to-customer.json" with { type: "json" };
import hostileText from "../scenarios/hostile-text.json" with { type: "json" };
import informational from "../scenarios/informational.json" with { type: "json" };
import merge from "../scenarios/merge.json" with { type: "json" };
import reopening from "../scenarios/reopening.json" with { type: "json" };
import resolvedByExperts from "../scenarios/resolved-by-experts.json" with { type: "json" };

/** The stories that come with the simulators, by name, still to be parsed. */
export const STORIES: Readonly<Record<string, unknown>> = {
  "false-positive": falsePositive,
  informational,
  "resolved-by-experts": resolvedByExperts,
  "handed-to-customer": handedToCustomer,
  "experts-notification": expertsNotification,
  merge,
  reopening,
  burst,
  "hostile-text": hostileText,
};

export const DEMO: unknown = demo;
