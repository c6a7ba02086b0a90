/** The source counts in ticks of 100 ns and writes as many digits of a second as it likes. */
export type Ticks = bigint;

export function ticksOf(ms: number): Ticks {
  return BigInt(Math.trunc(ms)) * 10_000n;
}

/** Cut to so many digits of a second, 0 to 7. */
export function cutTicks(ticks: Ticks, digits: number): Ticks {
  const unit = 10n ** BigInt(7 - digits);
  return ticks - (ticks % unit);
}

/** As short as it is exact, as the service writes them: `…35.5533333Z`, `…33.1Z`, `…33Z`. */
export function textOfTicks(ticks: Ticks): string {
  const seconds = new Date(Number(ticks / 10_000_000n) * 1_000).toISOString().slice(0, 19);
  const fraction = (ticks % 10_000_000n).toString().padStart(7, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

export function ticksOfText(text: string): Ticks | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z$/.exec(text);
  if (match === null) return undefined;
  return ticksOf(Date.parse(`${match[1]}Z`)) + BigInt((match[2] ?? "").padEnd(7, "0"));
}
