import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ConnectorOverview, TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import type { DurationName } from "../../shared/pipeline/ports/metrics.ts";
import type { FiguresState } from "../data/figures-feed.ts";
import type { Figures, PointName } from "../data/parse-figures.ts";
import { clockTime } from "../view/exact-time.ts";
import type { Names } from "../view/figure-rows.ts";
import { figuresOf } from "../view/figure-words.ts";
import { visibleText } from "../view/visible-text.ts";
import { counted, kindWords } from "../view/words.ts";
import { PointPanel } from "./point-panel.tsx";
import { SpreadPanel } from "./spread-panel.tsx";
import { Untrusted } from "./untrusted.tsx";

interface Props {
  readonly state: FiguresState;
  readonly tenants: readonly TenantOverview[];
  readonly connectors: readonly ConnectorOverview[];
}

/** The figures where they are kept in this process; else where they are. */
export function FiguresPart({ state, tenants, connectors }: Props): VNode {
  switch (state.kind) {
    case "loading":
      return <p class="quiet figures-said">Reading the figures…</p>;
    case "elsewhere":
      return (
        <div class="notice" data-figures="elsewhere">
          <p class="notice-title">The figures are not kept here</p>
          <p>
            The server says: <Untrusted text={state.said} />
          </p>
        </div>
      );
    case "failed":
      return (
        <div class="notice" role="alert">
          <p class="notice-title">The figures cannot be shown</p>
          <p>Reason: {state.problem}. Trying again every 15 seconds.</p>
        </div>
      );
    case "showing":
      return <Showing state={state} tenants={tenants} connectors={connectors} />;
  }
}

interface ShowingProps extends Props {
  readonly state: Extract<FiguresState, { kind: "showing" }>;
}

function Showing({ state, tenants, connectors }: ShowingProps): VNode {
  const [tenantId, setTenantId] = useState("");
  const { figures, readAt, problem } = state;
  const shared = { figures, tenantId, names: namesOf(tenants, connectors) };
  return (
    <>
      <div class="figures-head">
        <p class={problem === "" ? "quiet" : "problem"} data-read>
          Read at {clockTime(readAt)}
          {problem === "" ? ", again every 15 s" : `; ${problem} since`}
          {figures.unread > 0 && `; ${counted(figures.unread, "line")} could not be read`}
        </p>
        {tenants.length > 1 && (
          <label class="field">
            <span>Tenant</span>
            <select value={tenantId} onChange={(event) => setTenantId(event.currentTarget.value)}>
              <option value="">All</option>
              {tenants.map(({ id, name }) => (
                <option key={id} value={id}>
                  {visibleText(name)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Group title="Now" id="now">
        <Points kind="gauge" {...shared} />
      </Group>
      <Group title="Delays since the start" id="delays">
        {(figuresOf("duration") as readonly DurationName[]).map((name) => (
          <SpreadPanel key={name} name={name} spreads={figures.spreads.get(name) ?? []} {...shared} />
        ))}
      </Group>
      <Group title="Counts since the start" id="counts">
        <Points kind="counter" {...shared} />
      </Group>
    </>
  );
}

function Group(props: { readonly title: string; readonly id: string; readonly children: unknown }): VNode {
  return (
    <section class="figure-group" aria-labelledby={`figures-${props.id}`}>
      <h3 id={`figures-${props.id}`}>{props.title}</h3>
      <div class={`panels panels-${props.id}`}>{props.children as VNode}</div>
    </section>
  );
}

interface PointsProps {
  readonly kind: "gauge" | "counter";
  readonly figures: Figures;
  readonly tenantId: string;
  readonly names: Names;
}

function Points({ kind, figures, tenantId, names }: PointsProps): VNode {
  return (
    <>
      {(figuresOf(kind) as readonly PointName[]).map((name) => (
        <PointPanel key={name} name={name} points={figures.points.get(name) ?? []} tenantId={tenantId} names={names} />
      ))}
    </>
  );
}

/** A tool by its kind, and by its id too where several are of one kind. */
function namesOf(tenants: Props["tenants"], connectors: Props["connectors"]): Names {
  return {
    tenant: (id) => tenants.find((tenant) => tenant.id === id)?.name ?? id,
    connector(id) {
      if (id === "source") return "Microsoft Defender";
      const kind = connectors.find((connector) => connector.id === id)?.kind;
      if (kind === undefined) return id;
      const isOnly = connectors.filter((connector) => connector.kind === kind).length === 1;
      return isOnly ? kindWords(kind) : `${kindWords(kind)} (${id})`;
    },
  };
}
