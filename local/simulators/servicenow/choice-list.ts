/** A row of sys_choice. */
export interface Choice {
  readonly name: string;
  readonly element: string;
  readonly value: string;
  readonly label: string;
  readonly inactive: "true" | "false";
}

/** What sys_choice holds: data of the instance, which its administrators change. */
export interface ChoiceList {
  rows(): readonly Choice[];
  /** True where the element has no choices at all, or this active one. */
  has(table: string, element: string, value: string): boolean;
  labelOf(table: string, element: string, value: string): string | undefined;
  add(table: string, element: string, value: string, label?: string): void;
  /** As an administrator does: the row stays, and is inactive. */
  deactivate(table: string, element: string, value: string): void;
}

export function createChoiceList(): ChoiceList {
  let all: readonly Choice[] = BASE;
  const of = (table: string, element: string): readonly Choice[] =>
    all.filter((choice) => choice.name === table && choice.element === element && choice.inactive === "false");
  /** A table without choices of its own for an element has those of the table it extends. */
  const active = (table: string, element: string): readonly Choice[] => {
    const own = of(table, element);
    return own.length > 0 ? own : of("task", element);
  };
  const isSame = (choice: Choice, table: string, element: string, value: string): boolean =>
    choice.name === table && choice.element === element && choice.value === value;

  return {
    rows: () => all,
    has(table, element, value) {
      const known = active(table, element);
      return known.length === 0 || known.some((choice) => choice.value === value);
    },
    labelOf: (table, element, value) => active(table, element).find((choice) => choice.value === value)?.label,
    add(table, element, value, label = value) {
      const others = all.filter((choice) => !isSame(choice, table, element, value));
      all = [...others, { name: table, element, value, label, inactive: "false" }];
    },
    deactivate(table, element, value) {
      all = all.map((choice) => (isSame(choice, table, element, value) ? { ...choice, inactive: "true" } : choice));
    },
  };
}

/** A base system's; the close codes of sn_si_incident differ between instances, and these are one instance's. */
const BASE: readonly Choice[] = [
  ...choicesOf("incident", "state", {
    1: "New",
    2: "In Progress",
    3: "On Hold",
    6: "Resolved",
    7: "Closed",
    8: "Canceled",
  }),
  ...choicesOf("incident", "hold_reason", {
    1: "Awaiting Caller",
    3: "Awaiting Problem",
    4: "Awaiting Vendor",
    5: "Awaiting Change",
  }),
  ...named("incident", "close_code", [
    "Duplicate",
    "User error",
    "Known error",
    "No resolution provided",
    "Resolved by caller",
    "Resolved by change",
    "Resolved by problem",
    "Resolved by request",
    "Solution provided",
    "Workaround provided",
  ]),
  ...choicesOf("sn_si_incident", "state", {
    10: "Draft",
    16: "Analysis",
    18: "Contain",
    19: "Eradicate",
    20: "Recover",
    100: "Review",
    3: "Closed",
    7: "Cancelled",
  }),
  ...named("sn_si_incident", "close_code", ["Threat mitigated", "False positive", "Not resolved", "Duplicate"]),
  ...choicesOf("task", "impact", { 1: "1 - High", 2: "2 - Medium", 3: "3 - Low" }),
  ...choicesOf("task", "urgency", { 1: "1 - High", 2: "2 - Medium", 3: "3 - Low" }),
  ...choicesOf("task", "priority", {
    1: "1 - Critical",
    2: "2 - High",
    3: "3 - Moderate",
    4: "4 - Low",
    5: "5 - Planning",
  }),
];

function choicesOf(name: string, element: string, labels: Readonly<Record<string, string>>): readonly Choice[] {
  return Object.entries(labels).map(([value, label]) => ({ name, element, value, label, inactive: "false" }));
}

function named(name: string, element: string, labels: readonly string[]): readonly Choice[] {
  return labels.map((label) => ({ name, element, value: label, label, inactive: "false" }));
}
