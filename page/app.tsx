import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FunctionKey } from "./data/function-key.ts";
import { createOverviewFeed } from "./data/overview-feed.ts";
import type { FeedState } from "./data/overview-feed.ts";
import type { Ticker } from "./parts/age.tsx";
import { TickerContext } from "./parts/age.tsx";
import { ConnectionBar } from "./parts/connection-bar.tsx";
import { ExpertsCards } from "./parts/experts-card.tsx";
import { HealthStrip } from "./parts/health-strip.tsx";
import { IncidentsSection } from "./parts/incidents-section.tsx";
import { KeyForm } from "./parts/key-form.tsx";
import { OperationsPage } from "./parts/operations-page.tsx";
import { PageHeader } from "./parts/page-header.tsx";
import { PreviewPage } from "./parts/preview-page.tsx";
import type { Selection } from "./view/select-incidents.ts";
import type { Order } from "./view/sort-incidents.ts";
import type { View } from "./view/view-of.ts";

const EVERYTHING: Selection = { turn: "all", search: "", tenantId: "" };

export interface AppProps {
  readonly ticker: Ticker;
  readonly functionKey: FunctionKey;
  readonly view: View;
}

export function App({ ticker, functionKey, view }: AppProps): VNode {
  const { state, announcement, unlock } = useFeed(ticker, functionKey);
  useEffect(() => {
    document.title = titleOf(state, view);
  }, [state, view]);
  return (
    <TickerContext.Provider value={ticker}>
      <PageHeader overview={state.kind === "showing" ? state.overview : undefined} view={view} />
      <main aria-busy={state.kind === "loading"}>
        <Content state={state} unlock={unlock} functionKey={functionKey} view={view} />
      </main>
      <div class="unseen" id="announcements" aria-live="polite" role="status">
        {announcement}
      </div>
      <ConnectionBar state={state} />
    </TickerContext.Provider>
  );
}

interface ContentProps {
  readonly state: FeedState;
  readonly unlock: (key: string) => void;
  readonly functionKey: FunctionKey;
  readonly view: View;
}

function Content({ state, unlock, functionKey, view }: ContentProps): VNode {
  // What the doctor sees is wanted most where the overview cannot be read; and it stays when it can be read again.
  if (view === "operations" && (state.kind === "failed" || state.kind === "showing")) {
    return (
      <>
        {state.kind === "failed" && <Failed problem={state.problem} />}
        <OperationsPage overview={state.kind === "showing" ? state.overview : undefined} functionKey={functionKey} />
      </>
    );
  }
  switch (state.kind) {
    case "loading":
      return <Loading />;
    case "failed":
      return <Failed problem={state.problem} />;
    case "locked":
      return <KeyForm wasRefused={state.wasRefused} onKey={unlock} />;
    case "showing":
      if (view === "preview") return <PreviewPage overview={state.overview} functionKey={functionKey} />;
      return <Showing state={state} />;
  }
}

function Failed({ problem }: { readonly problem: string }): VNode {
  return (
    <div class="notice" role="alert">
      <p class="notice-title">The overview cannot be shown</p>
      <p>Reason: {problem}. Trying again every 5 seconds.</p>
    </div>
  );
}

interface ShowingProps {
  readonly state: Extract<FeedState, { kind: "showing" }>;
}

function Showing({ state }: ShowingProps): VNode {
  const [selection, setSelection] = useState(EVERYTHING);
  const [order, setOrder] = useState<Order>("newest");
  function select(change: Partial<Selection>): void {
    setSelection((before) => ({ ...before, ...change }));
  }
  function showAwaiting(tenantId: string): void {
    setSelection({ turn: "yours", search: "", tenantId });
    const heading = document.getElementById("incidents-heading");
    heading?.scrollIntoView({ block: "start" });
    heading?.focus({ preventScroll: true });
  }
  return (
    <>
      <ExpertsCards tenants={state.overview.tenants} onShowAwaiting={showAwaiting} />
      <HealthStrip overview={state.overview} />
      <IncidentsSection
        state={state}
        selection={selection}
        order={order}
        onSelect={select}
        onOrder={setOrder}
        onClear={() => setSelection(EVERYTHING)}
      />
    </>
  );
}

function Loading(): VNode {
  return (
    <div class="loading" role="status">
      <p class="quiet">Reading the overview…</p>
      <div class="skeleton skeleton-card" aria-hidden="true" />
      <div class="skeleton" aria-hidden="true" />
      <div class="skeleton" aria-hidden="true" />
    </div>
  );
}

function useFeed(ticker: Ticker, functionKey: FunctionKey) {
  const [state, setState] = useState<FeedState>({ kind: "loading" });
  // Stays until the next one: an answer without news must not take back what is being read out.
  const [announcement, setAnnouncement] = useState("");
  const feed = useMemo(
    () =>
      createOverviewFeed({
        request: (headers, signal) => fetch("api/overview", { headers, signal, cache: "no-store" }),
        key: functionKey,
        now: Date.now,
        isVisible: () => document.visibilityState === "visible",
        onChange(next) {
          if (next.kind === "showing") {
            ticker.setSkew(next.skewMs);
            if (next.announcement !== "") setAnnouncement(next.announcement);
          }
          setState(next);
        },
      }),
    [ticker, functionKey],
  );
  useEffect(() => {
    feed.wake();
    document.addEventListener("visibilitychange", feed.wake);
    return () => {
      document.removeEventListener("visibilitychange", feed.wake);
      feed.stop();
    };
  }, [feed]);
  return { state, announcement, unlock: feed.unlock };
}

/** What awaits the reader can be seen on the tab. */
function titleOf(state: FeedState, view: View): string {
  if (view === "preview") return "Preview · dex-sync";
  if (view === "operations") return "Operations · dex-sync";
  if (state.kind !== "showing") return "dex-sync";
  const awaiting = state.overview.tenants.reduce((sum, tenant) => sum + tenant.card.awaitingCustomerAction, 0);
  return awaiting === 0 ? "dex-sync" : `(${awaiting}) awaiting your action · dex-sync`;
}
