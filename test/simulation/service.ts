/** What reaches a simulated service, and what it says. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, and what it says. */
  readonly text: string;
  readonly body: unknown;
  /** The answer goes back as it is and at once; else it may be late, cut short or lost. */
  readonly isAnswered: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type Service = (asked: Asked) => Answer;
