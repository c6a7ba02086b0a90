export interface RequestCount {
  readonly total: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Bytes of the bodies answered with, as they are on the wire. */
  readonly bytesByKind: Readonly<Record<string, number>>;
}

export interface RequestCounters {
  /** `status` is "cut" where the connection was dropped without an answer. */
  count(kind: string, status: number | "cut"): void;
  addBytes(kind: string, bytes: number): void;
  of(kind: string): number;
  read(): RequestCount;
  reset(): void;
}

export function createRequestCounters(): RequestCounters {
  const byKind = new Map<string, number>();
  const byStatus = new Map<string, number>();
  const bytesByKind = new Map<string, number>();
  let total = 0;
  return {
    count(kind, status) {
      total += 1;
      byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
      byStatus.set(String(status), (byStatus.get(String(status)) ?? 0) + 1);
    },
    addBytes(kind, bytes) {
      bytesByKind.set(kind, (bytesByKind.get(kind) ?? 0) + bytes);
    },
    of: (kind) => byKind.get(kind) ?? 0,
    read: () => ({
      total,
      byKind: Object.fromEntries(byKind),
      byStatus: Object.fromEntries(byStatus),
      bytesByKind: Object.fromEntries(bytesByKind),
    }),
    reset() {
      byKind.clear();
      byStatus.clear();
      bytesByKind.clear();
      total = 0;
    },
  };
}
