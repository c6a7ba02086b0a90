/** A moment for `<time datetime>`, or undefined where the number is no date (0 stands for "never" in the overview). */
export function machineTime(moment: number): string | undefined {
  if (moment <= 0) return undefined;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The reader's own time zone and habits, with the zone named: people compare it with a portal in UTC. */
export function exactTime(moment: number): string {
  if (machineTime(moment) === undefined) return "time not known";
  return new Intl.DateTimeFormat(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(moment);
}

/** `hh:mm:ss` on a 24-hour clock, in the reader's time zone. */
export function clockTime(moment: number): string {
  if (machineTime(moment) === undefined) return "--:--:--";
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(moment);
}
