/** Randomness as a port: jitter and names of invocations. Never used for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A version-4 UUID. */
  uuid(): string;
}
