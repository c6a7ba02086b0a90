/** The one real timer of the bus: set for what is due next. */
export interface WakeUp {
  /** To be called when something may be due earlier than it was. */
  set(): void;
  stop(): void;
}

/** Node's timers hold 31 bits; what is due later is looked at again then. */
const LONGEST_MS = 0x7fffffff;

export function createWakeUp(
  engine: { readonly nextDue: number | undefined; advance(): void },
  now: () => number,
): WakeUp {
  let timer: NodeJS.Timeout | undefined;
  let timerDue = Number.POSITIVE_INFINITY;
  return {
    set,
    stop() {
      clearTimeout(timer);
      timerDue = Number.NEGATIVE_INFINITY;
    },
  };

  function set(): void {
    const due = engine.nextDue;
    if (due === undefined || due >= timerDue) return;
    clearTimeout(timer);
    timerDue = due;
    timer = setTimeout(run, Math.min(Math.max(due - now(), 0), LONGEST_MS));
  }

  function run(): void {
    timerDue = Number.POSITIVE_INFINITY;
    engine.advance();
    set();
  }
}
