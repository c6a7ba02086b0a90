import type { VNode } from "preact";
import type { IncidentOverview, TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { previewAddress } from "../data/preview-address.ts";
import { ballView } from "../view/ball-view.ts";
import { visibleText } from "../view/visible-text.ts";
import { counted, severityWords, verdictWords } from "../view/words.ts";
import { Age } from "./age.tsx";
import { CommentSign, MergeSign, SeverityBars } from "./icons.tsx";
import { Untrusted, UntrustedLink } from "./untrusted.tsx";

/** What the parts of a row need beside their own incident. */
export interface IncidentProps {
  readonly incident: IncidentOverview;
  /** Named only where there is more than one. */
  readonly tenant: TenantOverview | undefined;
  /** Where another incident of the same tenant is opened; "" where the overview does not list it. */
  readonly urlOf: (tenantId: string, incidentId: string) => string;
}

export function SeverityMark({ incident }: Pick<IncidentProps, "incident">): VNode {
  const { label, level } = severityWords(incident.severity, incident.unknownValues?.severity);
  return (
    <span class="severity" data-severity={incident.severity}>
      <SeverityBars level={level} />
      <Untrusted text={label} />
    </span>
  );
}

export function IncidentTitle({ incident }: Pick<IncidentProps, "incident">): VNode {
  const title = incident.title === "" ? `Incident ${incident.incidentId}` : incident.title;
  return (
    <span class="title-clamp" title={visibleText(title)}>
      <UntrustedLink class="title-link" text={title} url={incident.url} />
    </span>
  );
}

/** Number, tenant and ages: the quiet line under the title. */
export function IncidentLine({ incident, tenant }: IncidentProps): VNode {
  return (
    <p class="line quiet">
      <span class="number">
        #<Untrusted text={incident.incidentId} />
      </span>
      {tenant !== undefined && (
        <span class="tenant-name">
          <Untrusted text={tenant.name} />
        </span>
      )}
      <span>
        changed <Age since={incident.changedAt} whenUnknown="at a time not known" /> ago
      </span>
      <span>
        created <Age since={Date.parse(incident.createdAt)} whenUnknown="at a time not known" />
        {Number.isNaN(Date.parse(incident.createdAt)) ? "" : " ago"}
      </span>
      {incident.commentCount > 0 && (
        <span class="with-sign">
          <CommentSign />
          {counted(incident.commentCount, "comment")}
        </span>
      )}
      <a
        href={previewAddress({ tenant: incident.tenantId, incident: incident.incidentId })}
        aria-label={`Preview of incident ${visibleText(incident.incidentId)}`}
      >
        Preview
      </a>
    </p>
  );
}

export function IncidentConclusions(props: IncidentProps): VNode {
  const { incident } = props;
  const verdict = verdictWords(incident.classification, incident.determination, incident.unknownValues?.classification);
  return (
    <>
      {verdict !== "" && (
        <p class="verdict" data-classification={incident.classification}>
          <Untrusted text={verdict} />
        </p>
      )}
      <Merges {...props} />
      <ExpertsMark incident={incident} />
    </>
  );
}

function Merges({ incident, urlOf }: IncidentProps): VNode | null {
  const { mergedInto, mergedFrom, tenantId } = incident;
  if (mergedInto === "" && mergedFrom.length === 0) return null;
  return (
    <p class="line merges with-sign">
      <MergeSign />
      {mergedInto !== "" && (
        <span>
          Merged into <UntrustedLink text={`#${mergedInto}`} url={urlOf(tenantId, mergedInto)} />
        </span>
      )}
      {mergedFrom.length > 0 && (
        <span>
          Merged from{" "}
          {mergedFrom.map((from, index) => (
            <span key={from}>
              {index > 0 && ", "}
              <UntrustedLink text={`#${from}`} url={urlOf(tenantId, from)} />
            </span>
          ))}
        </span>
      )}
    </p>
  );
}

/** What kind of incident it is. Tags are shown with the ticket that carries them. */
function ExpertsMark({ incident }: Pick<IncidentProps, "incident">): VNode | null {
  const { isNotification, isExpertsWork } = incident;
  if (!isNotification && !isExpertsWork) return null;
  return <p class="tag tag-ours experts-mark">{isNotification ? "Experts notification" : "Experts’ work"}</p>;
}

export function BallMark({ incident }: Pick<IncidentProps, "incident">): VNode {
  const ball = ballView(incident);
  return (
    <div class="ball" data-holder={ball.holder}>
      <span class="ball-pill">
        <span class="ball-dot" aria-hidden="true" />
        <span class="ball-name">
          <Untrusted text={ball.label} />
        </span>
      </span>
      <p class="assignee quiet">
        <Untrusted text={ball.assignment} />
      </p>
      {ball.holder === "customer" && incident.handoverSince !== null && (
        <p class="turn-age quiet">
          Your turn for <Age since={incident.handoverSince} whenUnknown="a time not known" />
        </p>
      )}
    </div>
  );
}
