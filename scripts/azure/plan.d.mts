interface Grant {
  readonly title: string;
  readonly roles: readonly string[];
  readonly others: readonly string[];
}

export function planOf(
  config: unknown,
  actedOn?: readonly string[],
): { readonly grants: readonly Grant[]; readonly ignored: readonly string[] };
