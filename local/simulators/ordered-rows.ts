/** Rows kept in order, so that a page of a list costs the page and not the list. */
export interface OrderedRows<Row> {
  size(): number;
  add(row: Row): void;
  /** Removes the row that compares equal; false where there is none. */
  remove(row: Row): boolean;
  /** How many rows come before the point at which `isBefore` turns false (it must be true for a beginning of the rows, then false). */
  rank(isBefore: (row: Row) => boolean): number;
  /** From the row just under `rank` down to the first. */
  walkDown(rank: number): IterableIterator<Row>;
  /** From the row at `rank` up to the last. */
  walkUp(rank: number): IterableIterator<Row>;
}

const CHUNK_ROWS = 512;

/** `compare` must tell any two rows apart. Adding at the end is the fast way: changes are stamped with the time they happen. */
export function createOrderedRows<Row>(compare: (left: Row, right: Row) => number): OrderedRows<Row> {
  const chunks: Row[][] = [];
  let size = 0;

  function add(row: Row): void {
    size += 1;
    const tail = chunks.at(-1);
    if (tail === undefined) {
      chunks.push([row]);
      return;
    }
    const last = tail.at(-1);
    const index = last !== undefined && compare(row, last) > 0 ? chunks.length - 1 : chunkOf(row);
    const chunk = chunks[index] as Row[];
    chunk.splice(
      countBefore(chunk, (other) => compare(other, row) < 0),
      0,
      row,
    );
    if (chunk.length >= CHUNK_ROWS * 2) chunks.splice(index + 1, 0, chunk.splice(CHUNK_ROWS));
  }

  function remove(row: Row): boolean {
    const index = chunkOf(row);
    const chunk = chunks[index];
    if (chunk === undefined) return false;
    const at = countBefore(chunk, (other) => compare(other, row) < 0);
    const found = chunk[at];
    if (found === undefined || compare(found, row) !== 0) return false;
    chunk.splice(at, 1);
    if (chunk.length === 0) chunks.splice(index, 1);
    size -= 1;
    return true;
  }

  /** The last chunk that begins at or before the row. */
  function chunkOf(row: Row): number {
    return Math.max(0, countBefore(chunks, (chunk) => compare(chunk[0] as Row, row) <= 0) - 1);
  }

  function rank(isBefore: (row: Row) => boolean): number {
    const index = countBefore(chunks, (chunk) => isBefore(chunk[0] as Row)) - 1;
    if (index < 0) return 0;
    let before = 0;
    for (let earlier = 0; earlier < index; earlier += 1) before += (chunks[earlier] as Row[]).length;
    return before + countBefore(chunks[index] as Row[], isBefore);
  }

  function locate(rank: number): readonly [chunk: number, offset: number] {
    let rest = rank;
    for (let index = 0; index < chunks.length; index += 1) {
      const length = (chunks[index] as Row[]).length;
      if (rest < length) return [index, rest];
      rest -= length;
    }
    return [chunks.length, 0];
  }

  function* walkDown(rank: number): IterableIterator<Row> {
    if (rank <= 0 || size === 0) return;
    const [start, offset] = locate(Math.min(rank, size) - 1);
    for (let index = start; index >= 0; index -= 1) {
      const chunk = chunks[index] as Row[];
      for (let at = index === start ? offset : chunk.length - 1; at >= 0; at -= 1) yield chunk[at] as Row;
    }
  }

  function* walkUp(rank: number): IterableIterator<Row> {
    const [start, offset] = locate(Math.max(0, rank));
    for (let index = start; index < chunks.length; index += 1) {
      const chunk = chunks[index] as Row[];
      for (let at = index === start ? offset : 0; at < chunk.length; at += 1) yield chunk[at] as Row;
    }
  }

  return { size: () => size, add, remove, rank, walkDown, walkUp };
}

function countBefore<Item>(items: readonly Item[], isBefore: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(items[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
