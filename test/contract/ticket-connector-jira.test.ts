import type { JiraOptions as SimulatorOptions } from "../../local/simulators/jira/start-jira.ts";
import type { Fault } from "../../local/simulators/http/faults.ts";
import { hiddenIn, linkIn, mentionIn } from "../shared/connectors/inertness.ts";
import { createIssue, startJiraBench, textsIn } from "./jira-bench.ts";
import { type TicketHarness, afterFirstWriteOver, describeTicketConnector } from "./ticket-connector.ts";

/** An issue is written by editing it and by commenting on it: a fault of writes is one of both. */
const WRITES = "PUT or POST";

async function startHarness(options: SimulatorOptions): Promise<TicketHarness> {
  const { simulator, http, connect, close } = await startJiraBench(options);
  const connector = connect();
  const wrong = "wrong";
  const isWiki = simulator.flavor === "dataCenter";
  const issueOf = (id: string) => {
    const issue = simulator.issues.get(id);
    if (issue === undefined) throw new Error(`no issue ${id}`);
    return issue;
  };
  return {
    connector,
    refused: connect({ auth: isWiki ? { kind: "pat", token: wrong } : { kind: "basic", username: "u", token: wrong } }),
    afterFirstWrite: (happen) => connect({ http: afterFirstWriteOver(http, happen) }),
    seed: (incident) => createIssue(connector, incident),
    workAsPerson({ id }) {
      const issue = issueOf(id);
      issue.fields = { ...issue.fields, assignee: { name: "beth" }, environment: "production" };
      issue.labels = [...issue.labels, "their-own"];
    },
    foreign({ id }) {
      const { fields, labels } = issueOf(id);
      const { assignee, environment, summary } = fields;
      return { assignee, environment, summary, isLabelled: labels.includes("their-own") };
    },
    change: {
      values: { priority: "Lowest" },
      tags: { add: ["dex:stage=inProgress"], remove: ["dex:stage=active"] },
    },
    shows: ({ values, tags }) => values["priority"] === "Lowest" && tags.includes("dex:stage=inProgress"),
    noteCount: ({ id }) =>
      issueOf(id).comments.flatMap(
        ({ body }) =>
          textsIn(body)
            .join("\n")
            .match(/mdx:[0-9a-f]{16}/g) ?? [],
      ).length,
    texts: ({ id }) => {
      const { fields, comments } = issueOf(id);
      const texts = [fields["summary"], fields["description"], ...comments.map(({ body }) => body)].flatMap(textsIn);
      return texts.map((text) => text.replaceAll("https://security.microsoft.com/", ""));
    },
    isLive: (text) =>
      hiddenIn(text) ?? linkIn(text) ?? mentionIn(text) ?? (isWiki && text.includes("\n") ? wikiIn(text) : undefined),
    writeMethod: WRITES,
    longNote: 20_000,
    addFault(fault: Fault) {
      if (fault.match !== WRITES) simulator.faults.add(fault);
      else for (const match of ["PUT", "POST"]) simulator.faults.add({ ...fault, match });
    },
    clearFaults: simulator.faults.clear,
    requestCount: () => simulator.requests.read().total,
    close,
  };
}

/** A link, image or macro that is not escaped and not our own. A summary is one line, and no markup. */
function wikiIn(text: string): string | undefined {
  const foreign = text.replaceAll(/^\[Open in Microsoft Defender\|.*\]$/gm, "").replaceAll(/^\{noformat\}$/gm, "");
  return /(?<!\\)(?:[{[]|!(?=[^ \t\n]))/.exec(foreign)?.[0];
}

describeTicketConnector("Jira Cloud", () => startHarness({ flavor: "cloud" }));
describeTicketConnector("Jira Data Center", () => startHarness({ flavor: "dataCenter" }));
describeTicketConnector("Jira Service Management", () => startHarness({ project: { kind: "service_desk" } }));
