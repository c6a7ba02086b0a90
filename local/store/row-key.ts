/**
 * Keys in the embedded store: partition and row as big-endian UTF-16 with a zero unit between (names have no control characters).
 * So byte order is the order by UTF-16 code unit, which UTF-8 would not give, and one partition lies together.
 */
export function rowKey(partition: string, row: string): Buffer {
  return bytesOf(`${partition}\u0000${row}`);
}

/** Just behind the last row of a partition. */
export function partitionEnd(partition: string): Buffer {
  return bytesOf(`${partition}\u0001`);
}

export function rowOfKey(key: Uint8Array, partition: string): string {
  return Buffer.from(key.subarray((partition.length + 1) * 2))
    .swap16()
    .toString("utf16le");
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
