/** Ends every `switch` on a union: the compiler reports a member that has no arm, and a value from outside the types stops here. */
export function assertNever(value: never): never {
  throw new Error(`no arm for ${JSON.stringify(value)}`);
}
