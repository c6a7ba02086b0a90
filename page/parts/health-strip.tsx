import type { VNode } from "preact";
import type { ConnectorOverview, Overview, TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { formatDuration } from "../view/format-duration.ts";
import { kindWords, pushWords, unknownValueWords } from "../view/words.ts";
import { Age } from "./age.tsx";
import { FindingList } from "./finding-list.tsx";
import { WarningSign } from "./icons.tsx";
import { Untrusted, UntrustedLink } from "./untrusted.tsx";

/** Is everything flowing: the source's newest poll, and each tool's delay and what it holds back. */
export function HealthStrip({ overview }: { readonly overview: Overview }): VNode {
  return (
    <section class="health" aria-labelledby="health-heading">
      <h2 id="health-heading">Health</h2>
      <ul class="health-tiles">
        {overview.tenants.map((tenant) => (
          <TenantTile key={tenant.id} tenant={tenant} isNamed={overview.tenants.length > 1} />
        ))}
        {overview.connectors.map((connector) => (
          <ConnectorTile key={connector.id} connector={connector} />
        ))}
      </ul>
      <FindingList overview={overview} />
    </section>
  );
}

function TenantTile({ tenant, isNamed }: { readonly tenant: TenantOverview; readonly isNamed: boolean }): VNode {
  return (
    <li class="tile" data-health={problemOf(tenant) === "" ? "well" : "ill"} data-tenant={tenant.id}>
      <p class="tile-name">
        <span class="tile-dot" aria-hidden="true" />
        Microsoft Defender
        {isNamed && (
          <span class="quiet">
            <Untrusted text={tenant.name} />
          </span>
        )}
      </p>
      <p class="tile-figure">
        {tenant.lastPollAt > 0 ? (
          <>
            Read <Age since={tenant.lastPollAt} /> ago
          </>
        ) : (
          "Not read yet"
        )}
      </p>
      {tenant.push !== undefined && (
        <p class="tile-figure" data-push={tenant.push.isOn}>
          <Untrusted text={pushWords(tenant.push)} />
        </p>
      )}
      {(tenant.notRead ?? []).length > 0 && (
        <p class="tile-figure">
          Graph does not let this app read: <Untrusted text={(tenant.notRead ?? []).join(", ")} />
        </p>
      )}
      {tenant.unknownValues !== undefined && (
        <p class="tile-figure" data-unknown-values>
          Not known to this version: <Untrusted text={unknownValueWords(tenant.unknownValues)} />
        </p>
      )}
      <Problem text={problemOf(tenant)} />
    </li>
  );
}

function problemOf({ problem, parked = 0 }: TenantOverview): string {
  if (problem !== "" || parked === 0) return problem;
  return parked === 1 ? "1 incident could not be read and is parked" : `${parked} could not be read and are parked`;
}

function ConnectorTile({ connector }: { readonly connector: ConnectorOverview }): VNode {
  const name = kindWords(connector.kind);
  return (
    <li class="tile" data-health={healthOf(connector)} data-connector={connector.id}>
      <p class="tile-name">
        <span class="tile-dot" aria-hidden="true" />
        <UntrustedLink text={name} url={connector.url} />
        {connector.id.toLowerCase() !== connector.kind.toLowerCase() && (
          <span class="quiet">
            <Untrusted text={connector.id} />
          </span>
        )}
      </p>
      <p class="tile-figure" title="From the change at the source to the ticket, over the incidents listed">
        {connector.lagMs === null ? (
          "No delay measured yet"
        ) : (
          <>
            <span class="unseen">Delay: </span>
            <strong>{formatDuration(connector.lagMs.median)}</strong> median · {formatDuration(connector.lagMs.slowest)}{" "}
            slowest
          </>
        )}
      </p>
      <ul class="tile-counts">
        <Count count={connector.waiting} word="waiting" />
        <Count count={connector.parked} word="parked" />
        <Count count={connector.drifted} word="drifted" />
        {(connector.unrouted ?? 0) > 0 && <Count count={connector.unrouted ?? 0} word="not for this tool" />}
        {connector.detached !== undefined && <Count count={connector.detached} word="deleted" />}
      </ul>
      <Problem text={connector.problem === "" ? (connector.routeProblem ?? "") : connector.problem} />
    </li>
  );
}

function healthOf(connector: ConnectorOverview): "well" | "busy" | "ill" {
  const isBroken = connector.parked > 0 || connector.detached !== undefined || connector.routeProblem !== undefined;
  const isMisfit = connector.findings?.some(({ severity }) => severity === "error") === true;
  if (connector.problem !== "" || isBroken || isMisfit) return "ill";
  return connector.waiting > 0 || connector.drifted > 0 ? "busy" : "well";
}

function Count({ count, word }: { readonly count: number; readonly word: string }): VNode {
  return (
    <li data-count={word} data-zero={count === 0}>
      {`${count} ${word}`}
    </li>
  );
}

function Problem({ text }: { readonly text: string }): VNode | null {
  if (text === "") return null;
  return (
    <p class="problem with-sign">
      <WarningSign />
      <Untrusted text={text} />
    </p>
  );
}
