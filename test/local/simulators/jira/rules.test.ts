import { afterEach, describe, expect, it } from "vitest";
import { type JiraOptions, type JiraSimulator, startJira } from "../../../../local/simulators/jira/start-jira.ts";
import { type Answer, call } from "../with-tenant.ts";

const open: JiraSimulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function start(options: JiraOptions = {}): Promise<{
  readonly simulator: JiraSimulator;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
}> {
  const simulator = await startJira(options);
  open.push(simulator);
  const { username, token } = simulator.credentials;
  const authorization = `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`;
  return {
    simulator,
    ask: (method, path, body) =>
      call(
        `${simulator.url}/rest/api/3/${path}`,
        { authorization },
        { method, ...(body === undefined ? {} : { body }) },
      ),
  };
}

const DOCUMENT = { version: 1, type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "x" }] }] };
const FIELDS = { project: { key: "SEC" }, issuetype: { name: "Incident" }, summary: "One", labels: ["a"] };

describe("the simulated Jira refuses", () => {
  it.each([
    ["a description that is no document", { description: "text" }, "description"],
    ["an empty text in one", { description: { ...DOCUMENT, content: [{ type: "text", text: "" }] } }, "description"],
    ["a label with a space", { labels: ["a b"] }, "labels"],
    ["a label of 256 characters", { labels: ["x".repeat(256)] }, "labels"],
    ["a summary of two lines", { summary: "a\nb" }, "summary"],
    ["an unknown priority", { priority: { name: "P1" } }, "priority"],
    ["a field that is not on the screen", { customfield_1: "x" }, "customfield_1"],
    ["no issue type", { issuetype: undefined }, "issuetype"],
  ] as const)("%s, in its own envelope", async (_what, change, field) => {
    const { ask } = await start();
    const answer = await ask("POST", "issue", { fields: { ...FIELDS, ...change } });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ errorMessages: [], errors: { [field]: expect.any(String) } });
  });

  it("a field that is both set and updated, a transition that is not offered, a screen that is not filled", async () => {
    const { simulator, ask } = await start();
    const { id } = (await ask("POST", "issue", { fields: FIELDS })).json();
    const both = { fields: { labels: ["a"] }, update: { labels: [{ add: "b" }] } };
    expect((await ask("PUT", `issue/${id}`, both)).status).toBe(400);
    expect((await ask("POST", `issue/${id}/transitions`, { transition: { id: "41" } })).status).toBe(400);
    const issue = simulator.issues.get(id);
    if (issue === undefined) throw new Error("no issue");
    simulator.issues.move(issue, "Review");
    const unfilled = await ask("POST", `issue/${id}/transitions`, { transition: { id: "41" } });
    expect(unfilled.json()).toMatchObject({ errors: { resolution: "resolution is required." } });
  });

  it("the former search, `startAt`, and a project it does not show", async () => {
    const { ask } = await start();
    expect((await ask("GET", "search?jql=x")).status).toBe(410);
    const query = new URLSearchParams({
      jql: 'labels = "a" AND (project = "SEC" OR project != "SEC") ORDER BY created ASC',
    });
    expect((await ask("GET", `search/jql?${query}&startAt=0`)).status).toBe(400);
    const other = new URLSearchParams({
      jql: 'labels = "a" AND (project = "OTHER" OR project != "OTHER") ORDER BY created ASC',
    });
    expect((await ask("GET", `search/jql?${other}`)).status).toBe(400);
  });

  it("what it does not expect, and remembers it", async () => {
    const { simulator, ask } = await start();
    expect((await ask("DELETE", "project/SEC")).status).toBe(404);
    expect(simulator.unexpected).toEqual(["DELETE /rest/api/3/project/SEC"]);
  });
});

describe("the simulated Jira", () => {
  it("writes a remote link over the one of the same globalId, and shows comments to customers unless told otherwise", async () => {
    const { simulator, ask } = await start({ project: { kind: "service_desk" } });
    const { id } = (await ask("POST", "issue", { fields: FIELDS })).json();
    const link = { globalId: "g", object: { url: "https://x.test", title: "x" } };
    expect((await ask("POST", `issue/${id}/remotelink`, link)).status).toBe(201);
    expect((await ask("POST", `issue/${id}/remotelink`, link)).status).toBe(200);
    const shown = (await ask("POST", `issue/${id}/comment`, { body: DOCUMENT })).json();
    expect(shown).toMatchObject({ jsdPublic: true });
    const text = { key: "sd.public.comment", value: { internal: "true" } };
    expect((await ask("POST", `issue/${id}/comment`, { body: DOCUMENT, properties: [text] })).json()).toMatchObject({
      jsdPublic: true,
    });
    const tickets = await call(`${simulator.url}/simulator/tickets`, {}, {});
    expect(tickets.json()).toMatchObject({ count: 1, tickets: [{ key: "SEC-1", status: "To Do" }] });
    expect((await call(`${simulator.url}/browse/SEC-1`, {}, {})).text).toContain("SEC-1: One");
  });
});
