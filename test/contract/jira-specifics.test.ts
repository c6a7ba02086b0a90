import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_PROJECT } from "../../local/simulators/jira/jira-project.ts";
import type { Issue } from "../../local/simulators/jira/issue-store.ts";
import type { JiraOptions as SimulatorOptions, JiraSimulator } from "../../local/simulators/jira/start-jira.ts";
import type { Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import type { Incident, IncidentId } from "../../shared/incident/incident.ts";
import { STAGES, type Stage } from "../../shared/incident/lifecycle.ts";
import { notesOf } from "../../shared/pipeline/lane/notes-of.ts";
import { STATUS_OF, aProjection, aTask, anAlert, anAlertsPart } from "../shared/connectors/a-projection.ts";
import { type JiraBench, createIssue, signal, startJiraBench, textsIn } from "./jira-bench.ts";

const open: JiraBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});

async function bench(options: SimulatorOptions = {}): Promise<JiraBench> {
  const started = await startJiraBench(options);
  open.push(started);
  return started;
}

function wantedOf(connector: TicketConnector, incident: Partial<Incident>, passed: readonly Stage[] = []) {
  return connector.wanted(aProjection(incident, [], passed), { survivor: undefined }).fields.values;
}

function move(connector: TicketConnector, { ref }: Ticket, values: Readonly<Record<string, string>>): Promise<Ticket> {
  return connector.update(ref, { values, tags: { add: [], remove: [] } }, signal);
}

function issueOf({ issues }: JiraSimulator, { ref }: Ticket): Issue {
  const issue = issues.get(ref.id);
  if (issue === undefined) throw new Error(`no issue ${ref.label}`);
  return issue;
}

const WAITING = { statuses: { awaitingCustomerAction: "Waiting for SOC" } };
const NOTE = { id: "a".repeat(16), author: "Defender Experts", createdAt: "2026-02-25T16:29:33Z", text: "Isolated." };

/** Of a comment on a notification with a list of two and two queries: what its blocks are, and the first query's. */
const SHAPES = {
  cloud: (query: string) => [
    "paragraph",
    "heading",
    "paragraph",
    "heading",
    "orderedList",
    "heading",
    { type: "codeBlock", content: [{ type: "text", text: query }] },
    "heading",
    { type: "codeBlock", content: [{ type: "text", text: "DeviceInfo" }] },
  ],
  dataCenter: (query: string) => [
    expect.stringMatching(/mdx:[0-9a-f]{16}/),
    "h3. Executive summary",
    "One bad day.",
    "h3. Recommended actions",
    "# Isolate it\n# Reset the password",
    "h3. Hunting query 1 of 2 (KQL)",
    `{noformat}\n${query}\n{noformat}`,
    "h3. Hunting query 2 of 2 (KQL)",
    "{noformat}\nDeviceInfo\n{noformat}",
  ],
};

function shapeOf(comment: unknown): readonly unknown[] {
  if (typeof comment === "string") return comment.split("\n\n");
  const { content } = comment as { readonly content: readonly { readonly type: string }[] };
  return content.map((node) => (node.type === "codeBlock" ? node : node.type));
}

describe.each(["cloud", "dataCenter"] as const)("Jira, %s", (flavor) => {
  it.each(STAGES)("creates an issue in stage %s that shows every field as it was written", async (stage) => {
    const { connect } = await bench({ flavor });
    const connector = connect({ mapping: WAITING });
    const incident = { status: STATUS_OF[stage], alerts: anAlertsPart(), tasks: { readAt: 0, rows: [aTask()] } };
    const ticket = await createIssue(connector, incident);
    const { link: _link, resolution: _resolution, ...compared } = wantedOf(connector, incident);
    expect(ticket.values).toMatchObject(compared);
    expect(ticket.tags).toContain("mdx_cfcdbe43-297b-4c6b-ac7e-8d7f6befb514_29");
  });

  it("goes through a workflow of several steps, fills the screen, and takes the short way the next time", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect({ mapping: { ...WAITING, resolutions: { truePositive: "Won't Do" } } });
    const first = await createIssue(connector, {});
    const resolved = wantedOf(connector, { status: "resolved", classification: "truePositive" });
    await move(connector, first, resolved);
    expect(simulator.issues.get(first.ref.id)).toMatchObject({ resolution: "Won't Do", status: { name: "Done" } });
    const second = await createIssue(connector, { id: "30" as IncidentId });
    await move(connector, second, wantedOf(connector, { status: "resolved" }));
    expect(simulator.issues.get(second.ref.id)?.passed).toEqual(["To Do", "In Progress", "Review", "Done"]);
  });

  it("hands over, takes back, resolves and reopens", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect({ mapping: WAITING });
    const ticket = await createIssue(connector, { status: "inProgress" });
    await move(connector, ticket, wantedOf(connector, { status: "awaitingAction" }));
    await move(connector, ticket, wantedOf(connector, { status: "inProgress" }));
    await move(connector, ticket, wantedOf(connector, { status: "resolved" }));
    await move(connector, ticket, wantedOf(connector, { status: "active" }, ["resolved"]));
    expect(simulator.issues.get(ticket.ref.id)?.passed.filter((name) => name !== "Review")).toEqual([
      "To Do",
      "In Progress",
      "Waiting for SOC",
      "In Progress",
      "Done",
      "In Progress",
    ]);
  });

  it("a closed issue that nothing reopens is final; a right that is missing is said to be that", async () => {
    const transitions = DEFAULT_PROJECT.transitions.filter(({ name }) => name !== "Reopen");
    const { simulator, connect } = await bench({ flavor, project: { transitions } });
    const connector = connect();
    const ticket = await createIssue(connector, { status: "resolved" });
    const reopened = wantedOf(connector, { status: "active" }, ["resolved"]);
    await expect(move(connector, ticket, reopened)).rejects.toMatchObject({ name: "PermanentError", reason: "final" });
    simulator.behaviour.permissions = simulator.behaviour.permissions.replace("TRANSITION_ISSUES,", "");
    const { refused } = await move(connector, ticket, reopened);
    expect(refused?.error).toMatchObject({ reason: "rejected", mend: expect.stringContaining("Transition Issues") });
  });

  it("a screen that requires a field is filled from the mapping, else told of by its name", async () => {
    const screen = { resolution: { required: true }, customfield_10020: { required: true } };
    const transitions = DEFAULT_PROJECT.transitions.map((one) => (one.name === "Resolve" ? { ...one, screen } : one));
    const { simulator, connect } = await bench({ flavor, project: { transitions } });
    const without = connect();
    const ticket = await createIssue(without, { status: "inProgress" });
    await move(without, ticket, { status: "category:indeterminate" });
    simulator.issues.move(issueOf(simulator, ticket), "Review");
    const { refused } = await move(without, ticket, wantedOf(without, { status: "resolved" }));
    expect(refused?.error.message).toMatch(/"Resolve" requires customfield_10020/);
    expect(refused?.error.mend).toContain("mapping.transitionFields");
    const given = connect({ mapping: { transitionFields: { customfield_10020: "closed by dex-sync" } } });
    const done = await move(given, ticket, wantedOf(given, { status: "resolved" }));
    expect(done.values["status"]).toBe("category:done");
  });

  it("an issue whose workflow refuses a status gets all else, and stands where it stood", async () => {
    const transitions = DEFAULT_PROJECT.transitions.filter(({ name }) => name !== "Hand over");
    const { simulator, connect } = await bench({ flavor, project: { transitions } });
    const connector = connect({ mapping: WAITING });
    const ticket = await createIssue(connector, { status: "inProgress" });
    const handed = await connector.update(
      ticket.ref,
      {
        values: { ...wantedOf(connector, { status: "awaitingAction" }), summary: "Your turn" },
        tags: { add: ["Awaiting-Customer-Action"], remove: [] },
      },
      signal,
    );
    expect(handed).toMatchObject({
      values: { summary: "Your turn", status: "category:indeterminate" },
      tags: expect.arrayContaining(["Awaiting-Customer-Action"]),
      refused: { fields: ["status", "resolution"], error: { reason: "rejected" } },
    });
    expect(issueOf(simulator, ticket).status.name).toBe("In Progress");
  });

  it("a right that is missing for the first status keeps no issue from being made, and is told with its mend", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    simulator.behaviour.permissions = simulator.behaviour.permissions.replace("TRANSITION_ISSUES,", "");
    for (let index = 0; index < 6; index += 1) {
      const made = await createIssue(connector, { id: String(30 + index) as IncidentId, status: "inProgress" });
      expect(made.refused?.error.mend).toContain("Transition Issues");
    }
    expect(simulator.issues.all()).toHaveLength(6);
  });

  it("a field that the project requires is given with the create, else told of with Jira's words", async () => {
    const { simulator, connect } = await bench({ flavor, project: { requiredFields: { customfield_10001: "Site" } } });
    const refused = createIssue(connect(), {});
    await expect(refused).rejects.toThrow(/customfield_10001: Site is required/);
    await expect(refused).rejects.toHaveProperty("mend", expect.stringContaining("mapping.fields"));
    await createIssue(connect({ mapping: { fields: { customfield_10001: { value: "Munich" } } } }), {});
    expect(simulator.issues.all()[0]?.fields["customfield_10001"]).toEqual({ value: "Munich" });
  });

  it("counts its writes: an issue with its link, one edit, one transition a step, one comment for all notes", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const writes = (): unknown =>
      Object.fromEntries(Object.entries(simulator.requests.read().byKind).filter(([kind]) => !kind.startsWith("GET")));
    const ticket = await createIssue(connector, {});
    expect(writes()).toEqual({ "POST issue": 1, "POST remotelink": 1 });
    simulator.requests.reset();
    const { status: _status, ...fields } = wantedOf(connector, { title: "Renamed" });
    const { summary = "", description = "" } = fields;
    await move(connector, ticket, { summary, description });
    expect(writes()).toEqual({ "PUT issue": 1 });
    simulator.requests.reset();
    await move(connector, ticket, { summary, description, status: "category:indeterminate" });
    expect(writes()).toEqual({ "POST transitions": 1, "PUT issue": 1 });
    simulator.requests.reset();
    await connector.appendNotes(ticket.ref, [NOTE, { ...NOTE, id: "b".repeat(16) }], signal);
    expect(writes()).toEqual({ "POST comment": 1 });
  });

  it("finds nothing while the search lags, and the one issue after it", async () => {
    const { simulator, connect } = await bench({ flavor, behaviour: { searchLagMs: 60_000 } });
    const connector = connect();
    const { ref } = await createIssue(connector, {});
    await expect(connector.find(aProjection().key, signal)).resolves.toBeUndefined();
    simulator.behaviour.searchLagMs = 0;
    await expect(connector.find(aProjection().key, signal)).resolves.toMatchObject({ ref });
    expect(connector.settleMs).toBe(60_000);
  });

  it("takes no clone for the ticket, and tells of a second one", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const cloneOf = await createIssue(connector, {});
    const { fields, labels } = issueOf(simulator, cloneOf);
    simulator.issues.create("Incident", fields, labels);
    const found = await connector.find(aProjection().key, signal);
    expect(found?.ref).toEqual(cloneOf.ref);
    expect(found?.duplicates).toBeUndefined();
    const second = await createIssue(connector, {});
    await expect(connector.find(aProjection().key, signal)).resolves.toMatchObject({ duplicates: [second.ref.label] });
  });

  it("an issue that was moved to another project stays the ticket, under its new key", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const ticket = await createIssue(connector, {});
    simulator.issues.moveToProject(issueOf(simulator, ticket), "OPS");
    const moved = { ...ticket.ref, label: "OPS-1", url: `${simulator.url}/browse/OPS-1` };
    await expect(connector.read(ticket.ref, signal)).resolves.toMatchObject({ ref: moved });
    await expect(move(connector, ticket, wantedOf(connector, { status: "resolved" }))).resolves.toMatchObject({
      ref: moved,
    });
    await connector.appendNotes(ticket.ref, [NOTE], signal);
    expect(issueOf(simulator, ticket)).toMatchObject({ status: { name: "Done" }, comments: [{}] });
  });

  it("an issue that was moved is found without the state too, and no clone of it in another project", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const ticket = await createIssue(connector, {});
    const { fields, labels } = issueOf(simulator, ticket);
    simulator.issues.moveToProject(issueOf(simulator, ticket), "OPS");
    simulator.issues.moveToProject(simulator.issues.create("Incident", fields, labels), "OPS");
    const found = await connector.find(aProjection().key, signal);
    expect(found?.ref).toMatchObject({ id: ticket.ref.id, label: "OPS-1" });
    expect(found?.duplicates).toBeUndefined();
    simulator.behaviour.hiddenProjects = "OPS";
    await expect(connector.read(ticket.ref, signal)).resolves.toBeUndefined();
    await expect(connector.find(aProjection().key, signal)).resolves.toBeUndefined();
  });

  it("a create that is cut short after the issue was made keeps its claim, and what is missing is seen", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    simulator.faults.add({ kind: "status", status: 400, match: "POST /rest/api", times: 1 });
    await expect(createIssue(connector, {})).rejects.toMatchObject({ name: "PermanentError" });
    const remote = { kind: "status", status: 400, match: "GET", times: 1 } as const;
    simulator.faults.add(remote);
    await expect(createIssue(connector, { status: "inProgress" })).rejects.toMatchObject({
      name: "RetryableError",
      mayHaveHappened: true,
    });
    const found = await connector.find(aProjection().key, signal);
    expect(found?.values["status"]).toBe("category:new");
    expect(found?.values["link"]).toBeUndefined();
    expect(connector.steps?.withCreate).toEqual(["key", "summary", "description", "priority"]);
  });

  it("links a merged issue to its survivor, once, with the resolution Duplicate", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const survivor = await createIssue(connector, { id: "30" as IncidentId });
    const loser = await createIssue(connector, {});
    const merged = aProjection({ status: "redirected", redirectIncidentId: "30" });
    const { values } = connector.wanted(merged, { survivor: survivor.ref }).fields;
    await move(connector, loser, values);
    await move(connector, loser, values);
    expect(simulator.issues.get(loser.ref.id)).toMatchObject({
      links: [{ type: "Duplicate", outward: survivor.ref.label }],
      resolution: "Duplicate",
    });
  });

  it.each([
    ["a link type that the site does not have", "Duplicates", "SEC-1"],
    ["a survivor whose issue was deleted", "Duplicate", "SEC-99"],
  ])("%s keeps nothing else from being written, and is not told as a deleted issue", async (_what, type, survivor) => {
    const { connect } = await bench({ flavor });
    const connector = connect({ mapping: { duplicateLink: type } });
    await createIssue(connector, { id: "30" as IncidentId });
    const loser = await createIssue(connector, {});
    const { values, refused } = await move(connector, loser, { duplicateOf: survivor, summary: "Merged" });
    expect(values["summary"]).toBe("Merged");
    expect(refused).toMatchObject({ fields: ["duplicateOf"], error: { reason: "rejected" } });
    expect(refused?.error.message).toContain(`was not linked to ${survivor}: there is no link type "${type}"`);
    expect(refused?.error.mend).toContain("mapping.duplicateLink");
  });

  it("a classification that changes after closing is not told as written: the issue's own resolution is read back", async () => {
    const { connect } = await bench({ flavor });
    const connector = connect({ mapping: { resolutions: { falsePositive: "won't do" } } });
    const closed = await createIssue(connector, { status: "resolved", classification: "truePositive" });
    const again = await move(connector, closed, { resolution: "won't do" });
    expect(again.values).toMatchObject({ status: "category:done", resolution: "Done" });
    const other = await createIssue(connector, {
      id: "30" as IncidentId,
      status: "resolved",
      classification: "falsePositive",
    });
    expect(other.values["resolution"]).toBe("won't do");
  });

  it("a priority is compared as Jira compares it, whatever its case", async () => {
    const { connect } = await bench({ flavor });
    const connector = connect();
    const ticket = await createIssue(connector, { severity: "high" });
    const spelled = await connect({ mapping: { priorities: { high: "hIGH" } } }).read(ticket.ref, signal);
    expect(spelled?.values["priority"]).toBe("hIGH");
  });

  it("a conflicting save is tried again", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const ticket = await createIssue(connector, {});
    simulator.behaviour.conflictOnWrite = true;
    await expect(move(connector, ticket, { summary: "x" })).rejects.toMatchObject({ reason: "conflict" });
  });

  it("an issue's limits: of comments ends the work, of writes waits as long as Jira asks", async () => {
    const { simulator, connect } = await bench({ flavor, behaviour: { commentsPerIssue: 0 } });
    const connector = connect();
    const ticket = await createIssue(connector, {});
    await expect(connector.appendNotes(ticket.ref, [NOTE], signal)).rejects.toMatchObject({ reason: "tooLarge" });
    simulator.behaviour.writesPerIssue = 1;
    await expect(move(connector, ticket, { summary: "x" })).rejects.toMatchObject({
      reason: "throttled",
      retryAfterMs: 10_000,
    });
  });

  it("a description of everything at once fits, and a long text is cut", async () => {
    const { connect } = await bench({ flavor });
    const notification = {
      readAt: 0,
      foundBy: "title",
      executiveSummary: "line of a summary\n".repeat(4_000),
      recommendedActions: '"quoted" {braces} [brackets]\n'.repeat(4_000),
      huntingQueries: ["DeviceEvents\n| take 10 // {noformat} R&D https://evil.test"],
    } as const;
    const ticket = await createIssue(connect(), { notification });
    expect(ticket.values["description"]?.length).toBeLessThanOrEqual(30_000);
    expect(ticket.values["description"]).toContain("https://evil.test");
  });

  it("a notification that does not fit whole is a comment too, with its list and its queries to be copied", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect();
    const query = `DeviceEvents\n| where RemoteUrl has "https://evil.test" // ${"x".repeat(9_000)}`;
    const notification = {
      readAt: 0,
      foundBy: "title",
      executiveSummary: "One bad day.",
      recommendedActions: "1. Isolate it\n2. Reset the password",
      huntingQueries: [query, "DeviceInfo"],
    } as const;
    const projection = aProjection({ notification });
    const ticket = await createIssue(connector, { notification });
    const description = textsIn(issueOf(simulator, ticket).fields["description"]).join("\n");
    expect(description).toContain("1 of 4 sections cut or left out here: a comment has them all.");
    expect(description).not.toContain("xxx");
    const notes = notesOf(projection, connector.wanted(projection, { survivor: undefined }).notes);
    await connector.appendNotes(ticket.ref, notes, signal);
    const [comment] = issueOf(simulator, ticket).comments.map(({ body }) => body);
    expect(shapeOf(comment)).toEqual(SHAPES[flavor](query));
  });

  it("a description whose tables are as full as they get is still taken", async () => {
    const { connect } = await bench({ flavor });
    const long = '"\\{[*'.repeat(60);
    const alert = { title: long, category: long, serviceSource: long, detectionSource: long, mitreTechniques: [long] };
    const alerts = anAlertsPart({
      rows: Array.from({ length: 10 }, () => anAlert({ ...alert, severity: long, status: long })),
      assets: Array.from({ length: 10 }, () => ({ kind: "device", name: long }) as const),
    });
    const rows = Array.from({ length: 10 }, () => aTask({ title: long, target: long, actionType: long, status: long }));
    const ticket = await createIssue(connect(), {
      alerts,
      tasks: { readAt: 0, rows },
      description: long,
      resolvingComment: long,
    });
    expect(ticket.values["description"]?.length).toBeLessThanOrEqual(30_000);
  });

  it("answers as to a stranger are never nothing found", async () => {
    const { connect } = await bench({ flavor, behaviour: { answersStrangers: true } });
    const stranger = connect({ auth: { kind: "pat", token: "wrong" } });
    await expect(stranger.find(aProjection().key, signal)).rejects.toMatchObject({ reason: "unauthorized" });
  });

  it("a wrong project is the connector's fault, not nothing found", async () => {
    const { connect } = await bench({ flavor });
    await expect(connect({ project: "OTHER" }).find(aProjection().key, signal)).rejects.toMatchObject({
      reason: "unauthorized",
    });
  });

  describe("checks its configuration", () => {
    it("and finds nothing where all fits", async () => {
      const { connect } = await bench({ flavor });
      await expect(connect({ mapping: WAITING }).check?.(signal)).resolves.toEqual([]);
    });

    it("and names every place that does not fit", async () => {
      const { simulator, connect } = await bench({ flavor, project: { requiredFields: { customfield_1: "Site" } } });
      simulator.behaviour.permissions = "BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES,ADD_COMMENTS,LINK_ISSUES";
      const mapping = {
        statuses: { awaitingCustomerAction: "Nowhere" },
        priorities: { high: "P1", low: "99", medium: "3" },
        resolutions: { truePositive: "Fixed" },
        duplicateLink: "Duplicates",
      };
      const findings = await connect({ mapping, serviceManagement: true }).check?.(signal);
      expect(findings?.map(({ severity, place }) => `${severity} ${place}`)).toEqual([
        "warning serviceManagement",
        "error project",
        "error mapping.fields",
        "error mapping.priorities.high",
        "error mapping.priorities.low",
        "error mapping.statuses.awaitingCustomerAction",
        "warning mapping.resolutions.truePositive",
        "error mapping.duplicateLink",
      ]);
      const other = await connect({ issueType: "Bug" }).check?.(signal);
      expect(other?.map(({ mend }) => mend)).toContain("use one of Incident, Task");
    });

    describe("thoroughly, by the newest issue of each status,", () => {
      const { transitions } = DEFAULT_PROJECT;
      const checked = async (changed: Partial<typeof DEFAULT_PROJECT>, statuses: readonly string[]) => {
        const { simulator, connect } = await bench({ flavor, project: changed });
        const connector = connect({ mapping: WAITING });
        for (const [index, status] of statuses.entries()) {
          const { ref } = await createIssue(connector, { id: `${50 + index}` as IncidentId });
          const issue = simulator.issues.get(ref.id);
          if (issue !== undefined) simulator.issues.move(issue, status);
        }
        return connector.check?.(signal, { thorough: true });
      };
      const ALL = ["To Do", "In Progress", "Waiting for SOC", "Review"];

      it("and finds nothing where every way is open", async () => {
        expect(await checked({}, ALL)).toEqual([]);
      });

      it("and names the field that a screen requires on the way", async () => {
        const screen = { resolution: { required: true }, customfield_7: { required: true } };
        const changed = transitions.map((one) => (one.to === "Done" ? { ...one, screen } : one));
        expect(await checked({ transitions: changed }, ALL)).toMatchObject([
          {
            severity: "warning",
            place: "mapping.statuses.resolved",
            problem: expect.stringMatching(/^SEC-\d+: the screen of the transition "Resolve" requires .*customfield_7/),
            mend: expect.stringContaining("mapping.transitionFields"),
          },
          { place: "mapping.statuses.redirected" },
        ]);
      });

      it("and names a status that no way leads to", async () => {
        const changed = transitions.filter(({ to }) => to !== "Waiting for SOC");
        expect(await checked({ transitions: changed }, ["To Do", "In Progress", "Review"])).toMatchObject([
          {
            place: "mapping.statuses.awaitingCustomerAction",
            problem: expect.stringContaining('leads from "To Do"'),
          },
        ]);
      });

      it("and says nothing of statuses that no issue is in", async () => {
        const changed = transitions.filter(({ to }) => to !== "Waiting for SOC");
        expect(await checked({ transitions: changed }, ["To Do", "In Progress"])).toEqual([]);
      });
    });

    it("and names a sign-in that is refused, for that is mended in the configuration too", async () => {
      const { connect } = await bench({ flavor });
      const stranger = connect({ auth: { kind: "pat", token: "wrong" } });
      await expect(stranger.check?.(signal)).resolves.toMatchObject([
        { severity: "error", place: "auth", problem: expect.stringContaining("401") },
      ]);
    });
  });
});

describe("Jira Service Management", () => {
  it("shows no comment to customers", async () => {
    const { simulator, connect } = await bench({ project: { kind: "service_desk" } });
    const { ref } = await createIssue(connect(), {});
    // Internal even where the configuration does not say what kind of project it is.
    await connect({ serviceManagement: false }).appendNotes(ref, [NOTE], signal);
    expect(simulator.issues.get(ref.id)?.comments.map(({ jsdPublic }) => jsdPublic)).toEqual([false]);
  });

  it("takes back a comment that was shown all the same, and writes no other", async () => {
    const { simulator, connect } = await bench({
      project: { kind: "service_desk" },
      behaviour: { ignoresInternalMark: true },
    });
    const connector = connect();
    const { ref } = await createIssue(connector, {});
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(connector.appendNotes(ref, [NOTE], signal)).rejects.toMatchObject({ reason: "misconfigured" });
    }
    expect(simulator.issues.get(ref.id)?.comments).toEqual([]);
    expect(simulator.requests.of("POST comment")).toBe(1);
  });

  it.each([
    ["cloud", "Report an incident", "31"],
    ["cloud", "31", "31"],
    ["dataCenter", "sec/incident", "sec/incident"],
  ] as const)(
    "on %s an issue of the request type %s is made so, and it is looked up once",
    async (flavor, requestType, value) => {
      const { simulator, connect } = await bench({ flavor, project: { kind: "service_desk" } });
      const connector = connect({ requestType });
      await expect(connector.check?.(signal)).resolves.toEqual([]);
      simulator.requests.reset();
      const { ref } = await createIssue(connector, {});
      await createIssue(connector, { id: "30" as IncidentId });
      expect(simulator.issues.get(ref.id)?.fields["customfield_10010"]).toBe(value);
      expect(simulator.requests.of("GET field")).toBe(1);
    },
  );

  it.each([
    ["a name it has not", "Report a crime", "the service project has no request type", "Report an incident"],
    ["one of another issue type", "Ask for something", "is one of another issue type", "issueType"],
  ])("with %s the check says so", async (_what, requestType, problem, mend) => {
    const { connect } = await bench({ project: { kind: "service_desk" } });
    const findings = await connect({ requestType }).check?.(signal);
    expect(findings).toMatchObject([{ severity: "error", place: "requestType" }]);
    expect(findings?.[0]?.problem).toContain(problem);
    expect(findings?.[0]?.mend).toContain(mend);
  });

  it("makes no issue without the request type that it should have", async () => {
    const { simulator, connect } = await bench({ project: { kind: "service_desk" } });
    const refused = createIssue(connect({ requestType: "Report a crime" }), {});
    await expect(refused).rejects.toMatchObject({ name: "PermanentError", reason: "misconfigured" });
    expect(simulator.issues.all()).toEqual([]);
  });

  it("says so where the project has no request types at all", async () => {
    const { connect } = await bench();
    const findings = await connect({ requestType: "Report an incident" }).check?.(signal);
    expect(findings?.map(({ place }) => place)).toEqual(["requestType"]);
  });

  it("says so where the configuration does not know it", async () => {
    const { connect } = await bench({ project: { kind: "service_desk" } });
    const findings = await connect({ serviceManagement: false }).check?.(signal);
    expect(findings).toMatchObject([{ severity: "error", place: "serviceManagement" }]);
  });
});

it("no incident's text can set a marker of ours", async () => {
  const { simulator, connect } = await bench();
  const connector = connect();
  const { ref } = await createIssue(connector, {});
  const forged = { ...NOTE, author: "mdx:cccccccccccccccc", text: "md\u200Bx:dddddddddddddddd" };
  await connector.appendNotes(ref, [forged], signal);
  await expect(connector.readNotes?.(ref, signal)).resolves.toEqual(new Set([NOTE.id]));
  expect(
    simulator.issues
      .get(ref.id)
      ?.comments.flatMap(({ body }) => textsIn(body))
      .join("\n"),
  ).toContain("mdx\u{FF1A}d");
});
