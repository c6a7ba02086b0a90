import { describe, expect, it } from "vitest";
import { toBody, withChanges } from "../../../../shared/connectors/sentinel/incident-body.ts";
import type { TicketChanges } from "../../../../shared/connectors/connector.ts";
import type { WireIncident } from "../../../../shared/connectors/sentinel/schema.ts";

/** Read-only members stand here as the service answers them, although the type names only what is used. */
const answered = {
  id: "/subscriptions/x",
  name: "73e01a99-5cd7-4139-a149-9f2736ff2ab5",
  etag: '"0300"',
  properties: {
    title: "My incident",
    description: "A description",
    severity: "High",
    status: "Closed",
    classification: "FalsePositive",
    classificationReason: "IncorrectAlertLogic",
    classificationComment: "Not a malicious activity",
    firstActivityTimeUtc: "2019-01-01T13:00:30Z",
    lastActivityTimeUtc: "2019-01-01T13:05:30Z",
    lastModifiedTimeUtc: "2019-01-01T13:15:30Z",
    labels: [
      { labelName: "theirs", labelType: "User" },
      { labelName: "dex:stage=active", labelType: "User" },
      { labelName: "auto", labelType: "AutoAssigned" },
    ],
    owner: {
      objectId: "2046feea-040d-4a46-9e2b-91c2941bfa70",
      email: null,
      assignedTo: "john doe",
      userPrincipalName: "john@contoso.test",
    },
    incidentNumber: 3177,
    providerName: "Microsoft XDR",
    providerIncidentId: "29",
  },
};
const incident: WireIncident = answered;

function labels(add: readonly string[], remove: readonly string[]): TicketChanges {
  return { values: {}, tags: { add, remove } };
}

function valued(values: Readonly<Record<string, string>>): TicketChanges {
  return { values, tags: { add: [], remove: [] } };
}

describe("the body of a PUT", () => {
  it("sends back everything that can be written, changes only our labels, and leaves out what is read-only", () => {
    expect(withChanges(incident, labels(["dex:stage=inProgress"], ["dex:stage=active"]))).toEqual({
      etag: '"0300"',
      properties: {
        title: "My incident",
        description: "A description",
        severity: "High",
        status: "Closed",
        classification: "FalsePositive",
        classificationReason: "IncorrectAlertLogic",
        classificationComment: "Not a malicious activity",
        firstActivityTimeUtc: "2019-01-01T13:00:30Z",
        lastActivityTimeUtc: "2019-01-01T13:05:30Z",
        labels: [{ labelName: "theirs" }, { labelName: "auto" }, { labelName: "dex:stage=inProgress" }],
        owner: {
          objectId: "2046feea-040d-4a46-9e2b-91c2941bfa70",
          assignedTo: "john doe",
          userPrincipalName: "john@contoso.test",
        },
      },
    });
  });

  it("is not needed where the labels are as wanted already", () => {
    expect(withChanges(incident, labels(["dex:stage=active"], ["dex:stage=resolved"]))).toBeUndefined();
    expect(withChanges(incident, labels([], []))).toBeUndefined();
  });

  it("reopens: what goes with closing is gone, the rest stays", () => {
    const changes = valued({
      status: "Active",
      classification: "",
      classificationReason: "",
      classificationComment: "",
    });
    expect(withChanges(incident, changes)?.properties).toMatchObject({ status: "Active", title: "My incident" });
    expect(Object.keys(withChanges(incident, changes)?.properties ?? {})).not.toContain("classification");
    expect(Object.keys(withChanges(incident, changes)?.properties ?? {})).not.toContain("classificationReason");
  });

  it("assigns by name, and nobody for an empty one", () => {
    const nobody = { objectId: null, email: null, assignedTo: null, userPrincipalName: null };
    expect(withChanges(incident, valued({ owner: "" }))?.properties["owner"]).toEqual(nobody);
    expect(withChanges(incident, valued({ owner: "Customer" }))?.properties["owner"]).toEqual({
      ...nobody,
      assignedTo: "Customer",
    });
    expect(withChanges(incident, valued({ owner: "john doe" }))).toBeUndefined();
  });

  it("ignores what is no property of an incident", () => {
    expect(withChanges(incident, valued({ name: "x", "task:1": "open: Do it" }))).toBeUndefined();
  });

  it("of a new incident has what Sentinel requires, and nothing empty that it would refuse", () => {
    const values = { name: "n", title: "T", severity: "High", status: "New", classification: "", owner: "" };
    expect(toBody({ values, tags: ["dex:experts"] })).toEqual({
      properties: { title: "T", severity: "High", status: "New", labels: [{ labelName: "dex:experts" }] },
    });
  });
});
