const TIME_SPAN = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/;

/** Milliseconds of a .NET TimeSpan (`[d.]hh:mm:ss[.fff]`); undefined if it is none. A first part of 24 or more counts days, as Functions documents. */
export function parseTimeSpan(text: string): number | undefined {
  const match = TIME_SPAN.exec(text.trim());
  if (match === null) return undefined;
  const [days, first, second, third] = [match[1], match[2], match[3], match[4]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const fractionMs = match[5] === undefined ? 0 : Number(`0.${match[5]}`) * 1000;
  if (match[1] === undefined && match[5] === undefined && first >= 24) {
    return second < 24 && third < 60 ? ((first * 24 + second) * 60 + third) * 60_000 : undefined;
  }
  if (first >= 24 || second >= 60 || third >= 60) return undefined;
  return Math.round((((days * 24 + first) * 60 + second) * 60 + third) * 1000 + fractionMs);
}
