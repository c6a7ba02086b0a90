import type { Overview, TicketOverview } from "../../shared/pipeline/overview/overview.ts";
import { aConnector, anIncident, aTenant, aTicket, anOverview, CONTOSO, FABRIKAM } from "../page/overview-fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const HOSTILE_TITLE = `<img src=x onerror="document.title='owned'"><script>alert(1)</script> in ‮fdp.exe‬ mail`;
export const LONG_WORD = "QWxsVGhlV29yZHNBcmVPbmUu".repeat(18);

/** Everything the page can meet at once: both tenants, every stage and ball, hostile text, broken tickets. `now` keeps the ages plausible. */
export function richOverview(now: number, tenantCount: 1 | 2 = 2): Overview {
  const incidents = [
    anIncident({
      incidentId: "5021",
      title: "Hands-on-keyboard attack disrupted on WKS-0147 after malicious ISO delivery",
      stage: "awaitingCustomerAction",
      statusRaw: "awaitingAction",
      ball: "customer",
      assignedTo: "Customer",
      severity: "high",
      classification: "truePositive",
      determination: "multiStagedAttack",
      stageSince: now - 2 * HOUR_MS - 5 * MINUTE_MS,
      handoverSince: now - 3 * HOUR_MS - 10 * MINUTE_MS,
      changedAt: now - 4 * MINUTE_MS,
      createdAt: new Date(now - 9 * HOUR_MS).toISOString(),
      mergedFrom: ["5017", "4999"],
      commentCount: 4,
      tickets: tickets("1", {
        itsm: { lagMs: 1_840 },
        jira: { drift: ["status", "priority"], lagMs: 2_310 },
        sentinel: { lagMs: 6_050, tags: ["dex:stage=awaitingCustomerAction", "dex:experts", "dex:class=truePositive"] },
      }),
    }),
    anIncident({
      incidentId: "5033",
      title: HOSTILE_TITLE,
      stage: "awaitingCustomerAction",
      statusRaw: "awaitingAction",
      ball: "customer",
      assignedTo: "Customer",
      severity: "medium",
      classification: "truePositive",
      determination: "phishing",
      stageSince: now - 11 * MINUTE_MS,
      changedAt: now - 11 * MINUTE_MS,
      createdAt: new Date(now - 80 * MINUTE_MS).toISOString(),
      commentCount: 1,
      tickets: tickets("2", {
        itsm: {
          state: "parked",
          lagMs: null,
          problem: "ServiceNow refuses the assignment group “SOC” (400)",
          mend: "Name an existing group in the connector's mapping, <b>then</b> replay this work",
        },
        jira: { tags: ["<b>bold</b>", "‮gat"], url: "javascript:alert(document.domain)" },
        sentinel: { state: "absent", label: "", url: "", lagMs: null, tags: [] },
      }),
    }),
    anIncident({
      incidentId: "5040",
      title: "Suspicious inbox forwarding rule and impossible travel for a finance mailbox",
      stage: "inProgress",
      severity: "medium",
      stageSince: now - 34 * MINUTE_MS,
      changedAt: now - 6 * MINUTE_MS,
      createdAt: new Date(now - 52 * MINUTE_MS).toISOString(),
      tickets: tickets("3", {
        itsm: {},
        jira: { state: "behind", lagMs: 1_200 },
        sentinel: { state: "waiting", lagMs: null, problem: "Sentinel is throttling; tried again in 40 s" },
      }),
    }),
    anIncident({
      incidentId: "5041",
      title: `Credential access tool ${LONG_WORD} on SRV-DC-02`,
      stage: "active",
      statusRaw: "active",
      ball: "unassigned",
      assignedTo: "",
      severity: "high",
      isExpertsWork: false,
      stageSince: now - 45_000,
      changedAt: now - 45_000,
      createdAt: new Date(now - 46_000).toISOString(),
      tickets: tickets("4", {
        itsm: { label: LONG_WORD },
        jira: {},
        sentinel: { tags: [LONG_WORD, ...Array.from({ length: 11 }, (_, index) => `tag ${index}`)] },
      }),
    }),
    anIncident({
      incidentId: "5038",
      title: "Password spray from anonymising network against 41 accounts",
      stage: "active",
      statusRaw: "active",
      ball: "analyst",
      assignedTo: "Ama Óskarsdóttir-Brightwater",
      severity: "low",
      isExpertsWork: false,
      stageSince: now - 3 * HOUR_MS,
      changedAt: now - 50 * MINUTE_MS,
      createdAt: new Date(now - 3 * HOUR_MS).toISOString(),
      tickets: tickets("5", { itsm: {}, jira: {}, sentinel: {} }),
    }),
    anIncident({
      incidentId: "88",
      tenantId: tenantCount === 2 ? FABRIKAM : CONTOSO,
      title: "Defender Experts: سلوك مشبوه على الخادم الرئيسي",
      stage: "inProgress",
      severity: "informational",
      isNotification: true,
      stageSince: now - 26 * HOUR_MS,
      changedAt: now - 3 * HOUR_MS,
      createdAt: new Date(now - 27 * HOUR_MS).toISOString(),
      tickets: tickets("6", { itsm: {} }),
    }),
    anIncident({
      incidentId: "5036",
      title: "Unfamiliar sign-in properties, user confirmed safe",
      stage: "unrecognised",
      statusRaw: "onHoldByProvider",
      ball: "unknown",
      severity: "unrecognised",
      classification: "unrecognised",
      determination: "some value of tomorrow",
      stageSince: now - 70 * MINUTE_MS,
      changedAt: now - 70 * MINUTE_MS,
      tickets: tickets("7", { itsm: {}, jira: {} }),
    }),
    anIncident({
      incidentId: "5019",
      title: "Unwanted software installed through a browser extension",
      stage: "resolved",
      statusRaw: "resolved",
      ball: "nobody",
      assignedTo: "Unassigned",
      severity: "low",
      classification: "falsePositive",
      determination: "lineOfBusinessApplication",
      stageSince: now - 5 * HOUR_MS,
      changedAt: now - 5 * HOUR_MS,
      createdAt: new Date(now - 31 * HOUR_MS).toISOString(),
      commentCount: 2,
      closedBy: "expertsWithHelp",
      tickets: tickets("8", { itsm: {}, jira: {}, sentinel: {} }),
    }),
    anIncident({
      incidentId: "5017",
      title: "Suspicious ISO mounted on WKS-0147",
      stage: "redirected",
      statusRaw: "redirected",
      ball: "nobody",
      assignedTo: "",
      mergedInto: "5021",
      stageSince: now - 8 * HOUR_MS,
      changedAt: now - 8 * HOUR_MS,
      createdAt: new Date(now - 10 * HOUR_MS).toISOString(),
      tickets: tickets("9", { itsm: {}, jira: {} }),
    }),
  ];
  const tenants = [
    aTenant({
      lastPollAt: now - 4_000,
      card: { awaitingCustomerAction: 2, inProgress: 2, active: 2, resolvedIn30Days: 214 },
      push: { isOn: true, reason: "", since: now - HOUR_MS },
      notRead: ["alerts (403)", "tasks (404)"],
    }),
    aTenant({
      id: FABRIKAM,
      name: "Fabrikam <i>Holdings</i>",
      card: { awaitingCustomerAction: 0, inProgress: 1, active: 0, resolvedIn30Days: 37 },
      lastPollAt: now - 3 * MINUTE_MS,
      push: { isOn: false, reason: "no public address of this app is known", since: now - HOUR_MS },
      problem: "Graph refuses the credential (401): the certificate ended on 23 November",
    }),
  ];
  return anOverview({
    generatedAt: now,
    isDemo: true,
    tenants: tenants.slice(0, tenantCount),
    connectors: [
      aConnector({
        id: "itsm",
        kind: "servicenow",
        url: "https://contoso.service-now.com",
        parked: 1,
        lagMs: { median: 1_840, slowest: 8_200 },
        findings: [
          {
            severity: "error",
            place: "mapping.closeCodes.truePositive",
            problem: "the instance has no resolution code “<b>House</b>”",
            mend: "set it to one of those, or add it in ServiceNow",
          },
        ],
      }),
      aConnector({
        drifted: 1,
        findings: [
          {
            severity: "warning",
            place: "mapping.resolutions.falsePositive",
            problem: `Jira has no resolution "${LONG_WORD}"`,
            mend: "use one of Done, Duplicate, Won't Do",
          },
        ],
      }),
      aConnector({
        id: "sentinel",
        kind: "sentinel",
        url: "https://portal.azure.com",
        waiting: 1,
        lagMs: { median: 5_300, slowest: 4 * MINUTE_MS },
      }),
      aConnector({ id: "people", kind: "people", url: "", lagMs: null }),
    ],
    incidents,
    moreOpen: 12,
  });
}

type Change = Partial<TicketOverview>;

function tickets(number: string, change: { itsm?: Change; jira?: Change; sentinel?: Change }): TicketOverview[] {
  const list: TicketOverview[] = [];
  if (change.itsm !== undefined) {
    list.push(
      aTicket({
        connector: "itsm",
        kind: "servicenow",
        tags: [],
        label: `INC001004${number}`,
        url: `https://contoso.service-now.com/nav_to.do?uri=incident.do%3Fsys_id=${number}`,
        ...change.itsm,
      }),
    );
  }
  if (change.jira !== undefined) {
    list.push(
      aTicket({
        tags: [],
        label: `SEC-41${number}`,
        url: `https://contoso.atlassian.net/browse/SEC-41${number}`,
        ...change.jira,
      }),
    );
  }
  if (change.sentinel !== undefined) {
    list.push(
      aTicket({
        connector: "sentinel",
        kind: "sentinel",
        label: `20${number}7`,
        url: "https://portal.azure.com/#asset/sentinel",
        lagMs: 5_300,
        ...change.sentinel,
      }),
    );
  }
  return list;
}
