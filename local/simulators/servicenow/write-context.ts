/** A record's values, by column. */
export type Fields = Readonly<Record<string, string>>;

/** What the platform refuses a write with. */
export interface Refusal {
  readonly status: 403;
  readonly detail: string;
}

export interface WriteContext {
  /** The record as it stands; undefined for a create. */
  readonly before: Fields | undefined;
  /** What is sent: only known, writable columns, cut to length. */
  readonly sent: Fields;
  readonly now: string;
  readonly userId: string;
  /** The platform's own jobs and administrators may close. */
  readonly isAdmin: boolean;
  readonly isChoice: (element: string, value: string) => boolean;
}

/** "Data Policy Exception: mandatory: …" for the labels whose column is blank; undefined where none is. */
export function mandatory(after: Fields, labels: Readonly<Record<string, string>>): string | undefined {
  const missing = Object.entries(labels).filter(([name]) => isBlank(after[name]));
  return missing.length === 0
    ? undefined
    : `Data Policy Exception: mandatory: ${missing.map(([, label]) => label).join(", ")}`;
}

export function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === "";
}
