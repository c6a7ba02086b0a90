import type { VNode } from "preact";
import type { TenantOverview } from "../../shared/pipeline/overview/overview.ts";
import { TURNS } from "../view/select-incidents.ts";
import type { Selection, Turn } from "../view/select-incidents.ts";
import { ORDERS } from "../view/sort-incidents.ts";
import type { Order } from "../view/sort-incidents.ts";
import { visibleText } from "../view/visible-text.ts";

const TURN_WORDS = {
  all: "All",
  yours: "Your turn",
  experts: "Experts",
  closed: "Closed",
} as const satisfies Record<Turn, string>;

const ORDER_WORDS = {
  newest: "Newest change",
  severity: "Severity",
  longest: "Longest in stage",
} as const satisfies Record<Order, string>;

export interface IncidentFiltersProps {
  readonly selection: Selection;
  readonly order: Order;
  readonly counts: Readonly<Record<Turn, number>>;
  readonly tenants: readonly TenantOverview[];
  readonly onSelect: (change: Partial<Selection>) => void;
  readonly onOrder: (order: Order) => void;
}

export function IncidentFilters(props: IncidentFiltersProps): VNode {
  const { selection, counts, tenants, onSelect } = props;
  return (
    <search class="filters" aria-label="Filter incidents">
      <div class="turns" role="group" aria-label="Whose turn">
        {TURNS.map((turn) => (
          <button
            key={turn}
            type="button"
            data-turn={turn}
            aria-pressed={selection.turn === turn}
            onClick={() => onSelect({ turn })}
          >
            {TURN_WORDS[turn]} <span class="turn-count">{counts[turn]}</span>
          </button>
        ))}
      </div>
      <label class="field field-search">
        <span>Search</span>
        <input
          type="search"
          value={selection.search}
          placeholder="Title, number, tag, ticket"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onSelect({ search: event.currentTarget.value })}
        />
      </label>
      {tenants.length > 1 && (
        <label class="field">
          <span>Tenant</span>
          <select value={selection.tenantId} onChange={(event) => onSelect({ tenantId: event.currentTarget.value })}>
            <option value="">All tenants</option>
            {tenants.map((tenant) => (
              <option key={tenant.id} value={tenant.id} dir="auto">
                {visibleText(tenant.name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>Order</span>
        <select value={props.order} onChange={(event) => props.onOrder(orderOf(event.currentTarget.value))}>
          {ORDERS.map((order) => (
            <option key={order} value={order}>
              {ORDER_WORDS[order]}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function orderOf(value: string): Order {
  return ORDERS.find((order) => order === value) ?? "newest";
}
