import type { Preview } from "../../shared/pipeline/preview/previewed.ts";
import { CONTOSO } from "../page/overview-fixture.ts";

/** One incident whose ticket would be changed; the text is anybody's. */
export function aPreview(text: string): Preview {
  return {
    generatedAt: 0,
    left: 0,
    problems: [],
    incidents: [
      {
        tenantId: CONTOSO,
        incidentId: "5033",
        title: text,
        stage: "inProgress",
        severity: "high",
        changedAt: 0,
        readFrom: "state",
        tickets: [
          {
            connector: "itsm",
            kind: "servicenow",
            action: "update",
            label: "INC0010041",
            url: "https://contoso.service-now.com/INC0010041",
            isShown: false,
            fields: [
              { field: "state", from: "1", to: "2", why: "entering" },
              { field: "description", from: null, to: text.repeat(20), why: "first" },
            ],
            tags: { add: ["dex:stage=inProgress"], remove: ["dex:stage=active"] },
            notes: 2,
            files: ["evidence-handover.csv"],
            drift: ["urgency"],
            reason: "",
          },
        ],
      },
    ],
  };
}
