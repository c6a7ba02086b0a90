import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import { type FiguresState, createFiguresFeed } from "../data/figures-feed.ts";
import type { FunctionKey } from "../data/function-key.ts";
import { DoctorForm } from "./doctor-form.tsx";
import { FiguresPart } from "./figures-part.tsx";

interface Props {
  /** Undefined where it cannot be read: the doctor is asked all the more. */
  readonly overview: Overview | undefined;
  readonly functionKey: FunctionKey;
}

/** For whoever keeps it running: the product's own figures, and what the doctor sees. */
export function OperationsPage({ overview, functionKey }: Props): VNode {
  const figures = useFigures(functionKey);
  return (
    <section class="operations" aria-labelledby="operations-heading">
      <h2 id="operations-heading">Operations</h2>
      <DoctorForm tenants={overview?.tenants ?? []} />
      <FiguresPart state={figures} tenants={overview?.tenants ?? []} connectors={overview?.connectors ?? []} />
    </section>
  );
}

function useFigures(functionKey: FunctionKey): FiguresState {
  const [state, setState] = useState<FiguresState>({ kind: "loading" });
  const feed = useMemo(
    () =>
      createFiguresFeed({
        request: (headers, signal) => fetch("api/metrics", { headers, signal, cache: "no-store" }),
        key: functionKey,
        now: Date.now,
        isVisible: () => document.visibilityState === "visible",
        onChange: setState,
      }),
    [functionKey],
  );
  useEffect(() => {
    feed.wake();
    document.addEventListener("visibilitychange", feed.wake);
    return () => {
      document.removeEventListener("visibilitychange", feed.wake);
      feed.stop();
    };
  }, [feed]);
  return state;
}
