/** Longer texts are cut on purpose, and half characters made whole: what is kept is always well formed. */
export function cut(text: string | null | undefined, length: number): string {
  return (text ?? "").slice(0, length).toWellFormed();
}
