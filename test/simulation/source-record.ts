import { type Ticks, textOfTicks } from "./moments.ts";

/** What Defender says of an incident. */
export interface SourceFields {
  readonly status: string;
  readonly severity: string;
  readonly assignedTo: string | null;
  readonly classification: string | null;
  readonly determination: string | null;
  readonly resolvingComment: string | null;
  readonly redirectIncidentId: string | null;
  readonly customTags: readonly string[];
  readonly systemTags: readonly string[];
  readonly displayName: string;
  readonly comments: readonly SourceComment[];
}

export interface SourceComment {
  readonly author: string;
  readonly createdAt: string;
  readonly text: string;
}

/** An incident as it was from one change to the next. Number `n` is in its tags, so that whoever shows it can be told from older. */
export interface SourceVersion extends SourceFields {
  readonly n: number;
  readonly ticks: Ticks;
  /** When it was made, and since when it can be read. */
  readonly madeAt: number;
  readonly visibleAt: number;
}

export interface SourceIncident {
  readonly id: string;
  readonly tenant: string;
  readonly createdAt: Ticks;
  readonly versions: SourceVersion[];
}

/** The newest that could be read was told to somebody. */
export interface SourceRead {
  readonly at: number;
  readonly incidentId: string;
  readonly version: SourceVersion;
}

/** The newest that can be read; one that is late is never read once a newer can be. */
export function visibleAt(incident: SourceIncident, now: number): SourceVersion | undefined {
  return incident.versions.findLast((version) => version.visibleAt <= now);
}

export function newestOf(incident: SourceIncident): SourceVersion {
  const newest = incident.versions.at(-1);
  if (newest === undefined) throw new Error(`incident ${incident.id} has no version`);
  return newest;
}

/** Without the header, members of an enum past its sentinel are not told. */
export function rendered(incident: SourceIncident, version: SourceVersion, isWhole: boolean): Record<string, unknown> {
  const isHidden = !isWhole && version.status === "awaitingAction";
  return {
    id: incident.id,
    tenantId: incident.tenant,
    status: isHidden ? "unknownFutureValue" : version.status,
    severity: version.severity,
    assignedTo: version.assignedTo,
    classification: version.classification,
    determination: version.determination,
    resolvingComment: version.resolvingComment,
    redirectIncidentId: version.redirectIncidentId,
    customTags: version.customTags,
    systemTags: version.systemTags,
    displayName: version.displayName,
    description: `what was seen on ${incident.tenant}`,
    summary: null,
    incidentWebUrl: `https://security.microsoft.com/incident2/${incident.id}/overview`,
    createdDateTime: textOfTicks(incident.createdAt),
    lastUpdateDateTime: textOfTicks(version.ticks),
    lastModifiedBy: "",
    priorityScore: null,
    comments: version.comments.map((comment) => ({
      comment: comment.text,
      createdByDisplayName: comment.author,
      createdDateTime: comment.createdAt,
    })),
  };
}
