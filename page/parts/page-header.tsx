import type { VNode } from "preact";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import { formatDuration } from "../view/format-duration.ts";
import type { View } from "../view/view-of.ts";
import { counted } from "../view/words.ts";
import { ProductMark } from "./icons.tsx";
import { Untrusted } from "./untrusted.tsx";

/** More names than this crowd the header; the cards name every tenant anyway. */
const TENANTS_NAMED_AT_MOST = 3;

interface Props {
  readonly overview: Overview | undefined;
  readonly view: View;
}

export function PageHeader({ overview, view }: Props): VNode {
  return (
    <header class="page-header">
      <div class="brand">
        <ProductMark />
        <div>
          <h1>dex-sync</h1>
          <p class="tagline quiet">Defender Experts’ work, in your tools</p>
        </div>
      </div>
      <nav class="places" aria-label="Pages">
        <a href="./" aria-current={view === "overview" ? "page" : undefined}>
          Overview
        </a>
        <a href="preview" aria-current={view === "preview" ? "page" : undefined}>
          Preview
        </a>
        <a href="operations" aria-current={view === "operations" ? "page" : undefined}>
          Operations
        </a>
      </nav>
      {overview !== undefined && (
        <div class="header-facts">
          <p class="tenants">{tenantNames(overview)}</p>
          {overview.isDemo && <p class="badge">Simulated tenant</p>}
          <p class="quiet">Reads Defender every {formatDuration(overview.pollIntervalMs).replace(".0 s", " s")}</p>
        </div>
      )}
    </header>
  );
}

function tenantNames({ tenants }: Overview): VNode | string {
  if (tenants.length > TENANTS_NAMED_AT_MOST) return counted(tenants.length, "tenant");
  return (
    <>
      {tenants.map((tenant, index) => (
        <span key={tenant.id}>
          {index > 0 && " · "}
          <Untrusted text={tenant.name} />
        </span>
      ))}
    </>
  );
}
