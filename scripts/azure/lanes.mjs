// A deployment adds and changes, but takes nothing away: the queue of a connector that is no longer configured is dropped here, once it is empty.
import { rest } from "./az.mjs";

const BUS_API = "2024-01-01";
const PREFIX = "incident-deltas-";

/** Returns what it did, a line each. */
export function dropStrayLanes(env, armUrl, lanes) {
  const group = `${armUrl}/subscriptions/${env.AZURE_SUBSCRIPTION_ID}/resourceGroups/${env.AZURE_RESOURCE_GROUP}`;
  const queues = `${group}/providers/Microsoft.ServiceBus/namespaces/${env.AZURE_SERVICE_BUS_NAME}/queues`;
  const { value } = rest("get", `${queues}?api-version=${BUS_API}`);
  const strays = value.filter(({ name }) => name.startsWith(PREFIX) && !lanes.includes(name.slice(PREFIX.length)));
  return strays.map(({ name, properties }) => {
    // Scheduled copies and dead letters count too: they are work that is not done.
    if (properties.messageCount > 0) {
      return `${name}: its connector is gone from the configuration, but it holds ${properties.messageCount} messages; it stays until it is empty`;
    }
    rest("delete", `${queues}/${name}?api-version=${BUS_API}`);
    return `${name}: its connector is gone from the configuration, and so is the queue`;
  });
}
