import type { VNode } from "preact";
import type { TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { safeUrl } from "../view/safe-url.ts";
import { OutwardSign } from "./icons.tsx";
import { Untrusted } from "./untrusted.tsx";

export interface ExpertsCardsProps {
  readonly tenants: readonly TenantOverview[];
  /** Lists only what awaits this tenant's action. */
  readonly onShowAwaiting: (tenantId: string) => void;
}

/** The Defender portal's own card, one a tenant: first what awaits the customer. */
export function ExpertsCards({ tenants, onShowAwaiting }: ExpertsCardsProps): VNode {
  return (
    <section class="experts" aria-labelledby="experts-heading">
      <h2 id="experts-heading">Defender Experts</h2>
      <ul class="experts-cards" data-many={tenants.length > 1}>
        {tenants.map((tenant) => (
          <ExpertsCard
            key={tenant.id}
            tenant={tenant}
            isNamed={tenants.length > 1}
            onShowAwaiting={() => onShowAwaiting(tenants.length > 1 ? tenant.id : "")}
          />
        ))}
      </ul>
    </section>
  );
}

interface CardProps {
  readonly tenant: TenantOverview;
  readonly isNamed: boolean;
  readonly onShowAwaiting: () => void;
}

function ExpertsCard({ tenant, isNamed, onShowAwaiting }: CardProps): VNode {
  const { card } = tenant;
  const isYours = card.awaitingCustomerAction > 0;
  const isKnown = tenant.lastPollAt > 0 || Object.values(card).some((count) => count > 0);
  const portal = safeUrl(tenant.portalUrl);
  return (
    <li class="experts-card" data-tenant={tenant.id} data-yours={isYours}>
      {isNamed && (
        <h3 class="tenant-name">
          <Untrusted text={tenant.name} />
        </h3>
      )}
      <div class="awaiting">
        <p class="awaiting-figure">
          <span class="big-number">{shown(card.awaitingCustomerAction, isKnown)}</span>{" "}
          <span class="awaiting-words">
            {card.awaitingCustomerAction === 1 ? "incident" : "incidents"} awaiting your action
          </span>
        </p>
        {isYours && (
          <button type="button" class="primary" onClick={onShowAwaiting}>
            Show {card.awaitingCustomerAction === 1 ? "it" : "them"}
            {isNamed && (
              <span class="unseen">
                {" for "}
                <Untrusted text={tenant.name} />
              </span>
            )}
          </button>
        )}
        {!isYours && <p class="quiet">{nothingWaits(tenant, isKnown)}</p>}
      </div>
      <dl class="figures">
        <Figure label="In progress" count={shown(card.inProgress, isKnown)} kind="inProgress" />
        <Figure label="Active" count={shown(card.active, isKnown)} kind="active" />
        <Figure label="Resolved in the last 30 days" count={shown(card.resolvedIn30Days, isKnown)} kind="resolved" />
      </dl>
      {portal !== undefined && (
        <p class="portal">
          <a href={portal} target="_blank" rel="noopener noreferrer">
            Open the queue in Microsoft Defender
            {isNamed && (
              <span class="unseen">
                {" for "}
                <Untrusted text={tenant.name} />
              </span>
            )}
          </a>
          <OutwardSign />
        </p>
      )}
    </li>
  );
}

/** A nought is an answer: while nothing was read there is none. */
function shown(count: number, isKnown: boolean): string {
  return isKnown ? String(count) : "?";
}

function nothingWaits({ problem }: TenantOverview, isKnown: boolean): string {
  if (!isKnown) return "Defender has not been read yet.";
  return problem === "" ? "Nothing waits for you." : "Nothing waited when Defender was last read.";
}

function Figure(props: { readonly label: string; readonly count: string; readonly kind: string }): VNode {
  return (
    <div class="figure" data-kind={props.kind}>
      <dt>{props.label}</dt>
      <dd>{props.count}</dd>
    </div>
  );
}
