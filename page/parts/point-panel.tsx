import type { VNode } from "preact";
import { FIGURES } from "../../shared/pipeline/ports/metrics.ts";
import type { Point, PointName } from "../data/parse-figures.ts";
import { type FigureRow, type Names, figureView } from "../view/figure-rows.ts";
import { figureSays, figureTitle, isFlag, nounOf, valueWords } from "../view/figure-words.ts";
import { visibleText } from "../view/visible-text.ts";
import { counted } from "../view/words.ts";
import { Untrusted } from "./untrusted.tsx";

interface Props {
  readonly name: PointName;
  readonly points: readonly Point[];
  readonly tenantId: string;
  readonly names: Names;
}

/** One figure: its sum, what it says, and a bar for each part of it. */
export function PointPanel({ name, points, tenantId, names }: Props): VNode {
  const { groups, more, total, isKnown } = figureView(name, points, tenantId, names);
  const tones = groups.flatMap(({ rows }) => rows.map(({ tone }) => tone));
  // What went wrong since the start may be mended long ago: only what is so now marks the whole.
  const isIll = FIGURES[name].kind === "gauge" && tones.includes("ill");
  return (
    <article class="panel" data-figure={name} data-ill={isIll}>
      <h4>{figureTitle(name)}</h4>
      {total !== undefined && isKnown && (
        <p class="panel-total" data-ill={isIll && tones.every((tone) => tone === "ill")}>
          <strong>{valueWords(name, total)}</strong> {nounOf(name, total)}
        </p>
      )}
      <p class="panel-says">{figureSays(name)}</p>
      {groups.map(({ heading, rows }) => (
        <div key={heading} class="panel-group">
          {heading !== "" && (
            <h5>
              <Untrusted text={heading} />
            </h5>
          )}
          <ul class="panel-rows">
            {rows.map((row) => (
              <Row key={row.label} name={name} row={row} />
            ))}
          </ul>
        </div>
      ))}
      {more > 0 && <p class="quiet">and {counted(more, "more row")}</p>}
      {!isKnown && <p class="quiet">{FIGURES[name].kind === "gauge" ? "There is none." : "None so far."}</p>}
    </article>
  );
}

function Row({ name, row }: { readonly name: PointName; readonly row: FigureRow }): VNode {
  const words = valueWords(name, row.value);
  if (isFlag(name)) {
    return (
      <li class="panel-row panel-flag" data-tone={row.tone} data-set={row.value > 0}>
        <span class="row-dot" aria-hidden="true" />
        <span class="row-label">
          <Untrusted text={row.label} />
        </span>
        <span class="row-value">{words}</span>
      </li>
    );
  }
  return (
    <li class="panel-row" data-tone={row.tone}>
      <span class="row-label" title={visibleText(row.label)}>
        <Untrusted text={row.label} />
      </span>
      <svg class="row-bar" aria-hidden="true" focusable="false">
        <rect class="row-ground" width="100%" height="100%" rx="3" />
        <rect class="row-filled" width={`${row.percent}%`} height="100%" rx="3" />
      </svg>
      <span class="row-value">{words}</span>
    </li>
  );
}
