import type { Table } from "../shared/pipeline/ports/table.ts";

/** A table whose operation is refused where `fault` answers an error: asked with the names of the rows that the operation touches. */
export function faultyTable(
  table: Table,
  method: keyof Table,
  fault: (rows: readonly string[]) => Error | undefined,
): Table {
  const intercepted = (...args: readonly unknown[]): unknown => {
    const error = fault(rowsIn(args[1]));
    return error === undefined ? Reflect.apply(table[method], table, args) : Promise.reject(error);
  };
  return { ...table, [method]: intercepted };
}

function rowsIn(argument: unknown): readonly string[] {
  if (typeof argument === "string") return [argument];
  return Array.isArray(argument)
    ? argument.map((item: unknown) => (typeof item === "string" ? item : (item as { readonly row: string }).row))
    : [];
}

/** The error at the first call that fits, then never again. */
export function once(error: Error, fits: (rows: readonly string[]) => boolean = () => true) {
  let isSpent = false;
  return (rows: readonly string[]): Error | undefined => {
    if (isSpent || !fits(rows)) return undefined;
    isSpent = true;
    return error;
  };
}
