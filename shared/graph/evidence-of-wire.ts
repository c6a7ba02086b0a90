import type { Asset, Evidence, EvidenceKind } from "../incident/incident.ts";
import { cut } from "./cut.ts";
import type { WireEvidence } from "./schema.ts";

const NAME_MAX = 300;

/** One piece of evidence, made uniform. Total: a type of tomorrow is `other`, named by its type. Source: Graph v1.0 `microsoft.graph.security.*Evidence`. */
export function evidenceOf(wire: WireEvidence): Evidence {
  const type = (wire["@odata.type"] ?? "").split(".").at(-1) ?? "";
  const known = KNOWN[type];
  const { kind, name, detail, actionId } = known === undefined ? other(wire, type) : known(wire);
  return {
    kind,
    name: cut(name, NAME_MAX),
    detail: cut(detail, NAME_MAX),
    actionId: cut(actionId, 200),
    verdict: cut(wire.verdict, 50),
    remediation: cut(wire.remediationStatus, 50),
    remediationDetails: cut(wire.remediationStatusDetails, NAME_MAX),
  };
}

/** What was hit, of the things that can be: a file or an address is how, not what. */
export function assetOf({ kind, name }: Evidence): Asset | undefined {
  if (name === "") return undefined;
  return kind === "device" || kind === "user" || kind === "mailbox" || kind === "cloudApp" ? { kind, name } : undefined;
}

interface Named {
  readonly kind: EvidenceKind;
  readonly name: string | null | undefined;
  readonly detail?: string | null | undefined;
  readonly actionId?: string | null | undefined;
}

const KNOWN: Readonly<Record<string, (wire: WireEvidence) => Named>> = {
  deviceEvidence: (wire) => ({
    kind: "device",
    name: wire.deviceDnsName ?? wire.hostName,
    detail: wire.osPlatform,
    actionId: wire.mdeDeviceId,
  }),
  userEvidence: (wire) => account("user", wire),
  mailboxEvidence: (wire) => ({
    ...account("mailbox", wire),
    name: wire.primaryAddress ?? account("mailbox", wire).name,
  }),
  cloudApplicationEvidence: (wire) => ({ kind: "cloudApp", name: wire.displayName }),
  oauthApplicationEvidence: (wire) => ({ kind: "cloudApp", name: wire.displayName }),
  fileEvidence: (wire) => file("file", wire.fileDetails),
  processEvidence: (wire) => ({ ...file("process", wire.imageFile), detail: wire.processCommandLine }),
  urlEvidence: (wire) => ({ kind: "url", name: wire.url }),
  ipEvidence: (wire) => ({ kind: "ip", name: wire.ipAddress }),
  analyzedMessageEvidence: (wire) => ({
    kind: "mail",
    name: wire.subject,
    detail: [wire.p1Sender?.emailAddress ?? wire.p2Sender?.emailAddress ?? "", wire.recipientEmailAddress ?? ""]
      .filter((address) => address !== "")
      .join(" to "),
    actionId: wire.networkMessageId,
  }),
  mailClusterEvidence: (wire) => ({ kind: "mail", name: "a cluster of mails", detail: wire.query }),
};

function account(kind: "user" | "mailbox", { userAccount }: WireEvidence): Named {
  return {
    kind,
    name: userAccount?.userPrincipalName ?? userAccount?.accountName ?? userAccount?.displayName,
    detail: userAccount?.displayName,
    actionId: userAccount?.azureAdUserId,
  };
}

function file(kind: "file" | "process", details: WireEvidence["fileDetails"]): Named {
  return {
    kind,
    name: details?.fileName,
    detail: [details?.filePath ?? "", details?.sha256 ?? details?.sha1 ?? ""].filter((part) => part !== "").join(" "),
    actionId: details?.sha1,
  };
}

function other(wire: WireEvidence, type: string): Named {
  return { kind: "other", name: wire.displayName ?? wire.name ?? type, detail: type };
}
