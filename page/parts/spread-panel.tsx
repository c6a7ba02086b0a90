import type { VNode } from "preact";
import { type DurationName, FIGURES } from "../../shared/pipeline/ports/metrics.ts";
import type { Spread } from "../data/parse-figures.ts";
import type { Names } from "../view/figure-rows.ts";
import { figureTitle } from "../view/figure-words.ts";
import { type Bin, type SpreadView, spreadViews } from "../view/spread-view.ts";
import { Untrusted } from "./untrusted.tsx";

interface Props {
  readonly name: DurationName;
  readonly spreads: readonly Spread[];
  readonly tenantId: string;
  readonly names: Names;
}

/** How long something takes: average, count, and how it is spread. */
export function SpreadPanel({ name, spreads, tenantId, names }: Props): VNode {
  const views = spreadViews(spreads, tenantId, names);
  return (
    <article class="panel" data-figure={name}>
      <h4>{figureTitle(name)}</h4>
      <p class="panel-says">{FIGURES[name].description}</p>
      {views.map((view) => (
        <OneSpread key={view.heading} view={view} />
      ))}
      {views.length === 0 && <p class="quiet">None so far.</p>}
    </article>
  );
}

function OneSpread({ view }: { readonly view: SpreadView }): VNode {
  const { heading, count, average, ninety, bins } = view;
  return (
    <div class="panel-group">
      {heading !== "" && (
        <h5>
          <Untrusted text={heading} />
        </h5>
      )}
      <p class="spread-words">
        {average !== "" && (
          <span>
            <strong>{average}</strong> average{" "}
          </span>
        )}
        <span>{`${count.toLocaleString("en-GB")} ${count === 1 ? "time" : "times"} `}</span>
        {ninety !== "" && <span>9 of 10 within {ninety}</span>}
      </p>
      {bins.length > 0 && <Histogram bins={bins} />}
    </div>
  );
}

const BIN_WIDTH = 10;
const HEIGHT = 100;
/** What is there must be seen beside what is there a thousand times. */
const LOWEST = 4;

function Histogram({ bins }: { readonly bins: readonly Bin[] }): VNode {
  const spoken = bins.filter(({ count }) => count > 0).map(({ words, count }) => `${count} ${words}`);
  return (
    <div class="spread">
      <svg
        class="spread-bars"
        viewBox={`0 0 ${bins.length * BIN_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={spoken.length > 0 ? spoken.join(", ") : "nothing"}
      >
        {bins.map(({ words, count, percent }, index) => {
          const height = count > 0 ? Math.max(LOWEST, percent) : 0;
          const x = index * BIN_WIDTH;
          return (
            <g key={words}>
              <title>{`${count} ${words}`}</title>
              <rect class="bin-ground" x={x + 0.5} y="0" width={BIN_WIDTH - 1} height={HEIGHT} />
              <rect class="bin" x={x + 0.5} y={HEIGHT - height} width={BIN_WIDTH - 1} height={height} />
            </g>
          );
        })}
      </svg>
      <p class="spread-ticks" aria-hidden="true">
        {bins.map(({ words, tick }) => (
          <span key={words}>{tick}</span>
        ))}
      </p>
    </div>
  );
}
