import { type HttpRequest, type HttpResponseInit, app } from "@azure/functions";
import { PRINCIPAL_HEADER, clientPrincipalOf } from "../shared/http/client-principal.ts";
import { composition } from "./compose-once.ts";
import { operateRequest } from "./operate-request.ts";

const NO_STORE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/**
 * The same orders for people who are signed in with Entra ID and have the app role of operators; who it was is kept beside the reason.
 * Not there unless App Service authentication is on and a role is named: otherwise anybody could write the header that says who calls.
 */
export function registerOperateSignedIn(): void {
  app.http("operate-signed-in", {
    route: "api/operator/{operation}",
    methods: ["GET", "POST"],
    authLevel: "anonymous",
    handler: async (request): Promise<HttpResponseInit> => {
      const { operatorRole } = (await composition()).settings;
      if (operatorRole === undefined) return refused(404, "operators use the master key here");
      const principal = clientPrincipalOf(request.headers.get(PRINCIPAL_HEADER));
      if (principal === undefined) return refused(401, "sign in first");
      if (!principal.roles.includes(operatorRole)) {
        return refused(403, `this needs the app role "${operatorRole}" of this application in Entra ID`);
      }
      // Another site's form can send a signed-in browser's cookie along, but no JSON without being asked for leave.
      if (request.method === "POST" && !isJson(request)) return refused(415, "send application/json");
      return operateRequest(request, principal.name);
    },
  });
}

function isJson(request: HttpRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "");
}

function refused(status: number, problem: string): HttpResponseInit {
  return { status, headers: NO_STORE, jsonBody: { problems: [problem] } };
}
