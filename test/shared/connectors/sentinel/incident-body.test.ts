import { describe, expect, it } from "vitest";
import { withLabels } from "../../../../shared/connectors/sentinel/incident-body.ts";
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

describe("the body of a PUT", () => {
  it("sends back everything that can be written, changes only our labels, and leaves out what is read-only", () => {
    expect(withLabels(incident, { add: ["dex:stage=inProgress"], remove: ["dex:stage=active"] })).toEqual({
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
    expect(withLabels(incident, { add: ["dex:stage=active"], remove: ["dex:stage=resolved"] })).toBeUndefined();
    expect(withLabels(incident, { add: [], remove: [] })).toBeUndefined();
  });
});
