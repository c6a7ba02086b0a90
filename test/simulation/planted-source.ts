import { RetryableError } from "../../shared/errors.ts";
import type { HttpRequest, HttpResponse } from "../../shared/http/request.ts";
import {
  type Planted,
  type Send,
  anew,
  answering,
  calm,
  isLaterPage,
  isList,
  overBus,
  overHttp,
  withFaults,
  withPages,
} from "./planting.ts";
import type { Plant } from "./world.ts";

/** Bugs on the way from the source to the lanes. */
export const PLANTED_AT_THE_SOURCE: readonly Planted[] = [
  {
    name: "the last step of an incident never reaches a ticket (A, 1)",
    plant: overBus(({ to }) => to === "resolved"),
    as: ["lost"],
    tune: calm,
  },
  {
    name: "what could not be sent is believed to be sent (A, 2)",
    plant: overBus((_body, next) => next < 0.2),
    as: ["lost", "comment missing"],
    tune: calm,
  },
  {
    name: "only what is newer than the newest is asked for (B, 8; E, 10)",
    plant: peersCursor("gt", "failure"),
    as: ["lost", "comment missing"],
    tune: calm,
  },
  {
    name: "a failed page is the end, and the cursor moves on (OpenCTI, 12)",
    plant: peersCursor("ge", "theEnd"),
    as: ["lost", "comment missing"],
    tune: (plan) => withFaults({ unavailable: 0.4 })(withPages(plan)),
  },
  {
    name: "one page only (Rapid7, 16)",
    plant: overHttp((request, send) => withList(request, send, ({ "@odata.nextLink": _next, ...body }) => body)),
    as: ["lost", "comment missing"],
    tune: withPages,
  },
  {
    name: "the id of the survivor is left out (Rapid7, 16)",
    plant: overHttp((request, send) =>
      withList(request, send, (body) => ({
        ...body,
        value: body.value.map((row) => ({ ...row, redirectIncidentId: null })),
      })),
    ),
    as: ["lost"],
    tune: calm,
  },
  {
    name: "an incident is read once, by its creation (Wazuh, TheHive, 17)",
    plant: overHttp((request, send) =>
      isList(request)
        ? send({ ...request, url: request.url.replaceAll(/lastUpdateDateTime(?=%20|\+| )/g, "createdDateTime") })
        : send(request),
    ),
    as: ["lost", "comment missing"],
    tune: calm,
  },
  {
    name: "the Prefer header is missing from page 2 on (0.1)",
    plant: overHttp((request, send) => {
      const { prefer: _prefer, ...headers } = request.headers ?? {};
      return isList(request) && isLaterPage(request) ? send({ ...request, headers }) : send(request);
    }),
    as: ["lost", "regressed"],
    tune: withPages,
  },
  {
    name: "a page that failed stops the reading for good (E, 11)",
    plant: anew(() => {
      let isStalled = false;
      return overHttp(async (request, send) => {
        if (!isList(request)) return send(request);
        if (isStalled) throw new RetryableError("unavailable", "stalled");
        try {
          return await send(request);
        } catch (error) {
          isStalled = true;
          throw error;
        }
      });
    }),
    as: ["lost", "comment missing"],
    tune: withFaults({ unavailable: 0.05 }),
  },
];

async function withList(
  request: HttpRequest,
  send: Send,
  change: (body: { value: Record<string, unknown>[]; "@odata.nextLink"?: string }) => unknown,
): Promise<HttpResponse> {
  const response = await send(request);
  return isList(request) ? answering(response, change(response.json() as Parameters<typeof change>[0])) : response;
}

/** A cursor as peers have it: the newest stamp that any page held, and only what is newer is asked for. No overlap heals it. */
function peersCursor(operator: "ge" | "gt", failedPageIs: "failure" | "theEnd"): Plant {
  return anew(() => {
    let newest = "";
    return overHttp(async (request, send) => {
      if (!isList(request)) return send(request);
      const from = newest === "" ? "2026-01-01T00:00:00Z" : newest;
      const url = isLaterPage(request)
        ? request.url
        : `${request.url.split("?")[0] ?? ""}?$top=50&$filter=${encodeURIComponent(`lastUpdateDateTime ${operator} ${from}`)}`;
      try {
        return await withList({ ...request, url }, send, (body) => {
          for (const row of body.value) {
            const stamp = String(row["lastUpdateDateTime"]);
            if (newest === "" || Date.parse(stamp) >= Date.parse(newest)) newest = stamp;
          }
          return body;
        });
      } catch (error) {
        if (failedPageIs === "failure" || !isLaterPage(request)) throw error;
        const headers = { get: () => null };
        return answering({ status: 200, headers, text: "", json: () => undefined }, { value: [] });
      }
    });
  });
}
