/** What it tries, and the text. */
export type HostileText = readonly [string, string];
