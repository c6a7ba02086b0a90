/** The switches of a simulator, as seen from its control page. */
export interface Behaviour {
  read(): Readonly<Record<string, SwitchValue>>;
  /** Sets several; answers the sentence that says what is wrong, and then sets none. */
  change(changes: Readonly<Record<string, unknown>>): string | undefined;
}

type SwitchValue = string | number | boolean;

/** The words a switch made of text may take. */
export type Choices = Readonly<Record<string, readonly string[]>>;

export function createBehaviour(switches: object, choices: Choices): Behaviour {
  const values = switches as Record<string, SwitchValue>;
  return {
    read: () => ({ ...values }),
    change(changes) {
      for (const [name, value] of Object.entries(changes)) {
        const refusal = refusalOf(name, value, values, choices);
        if (refusal !== undefined) return refusal;
      }
      Object.assign(values, changes);
      return undefined;
    },
  };
}

function refusalOf(
  name: string,
  value: unknown,
  values: Readonly<Record<string, SwitchValue>>,
  choices: Choices,
): string | undefined {
  if (!Object.hasOwn(values, name)) return `there is no switch "${name}"; there are ${Object.keys(values).join(", ")}`;
  if (typeof value !== typeof values[name]) return `"${name}" must be a ${typeof values[name]}`;
  const words = choices[name];
  if (words !== undefined && !words.includes(String(value))) return `"${name}" must be one of ${words.join(", ")}`;
  if (typeof value === "number" && !(value >= 0)) return `"${name}" must not be negative`;
  return undefined;
}
