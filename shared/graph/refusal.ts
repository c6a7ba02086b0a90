/** Statuses by which Graph says that it has no such thing for us: read by the caller as an answer, not as a fault. */
export const REFUSALS: readonly number[] = [400, 403, 404, 501];

export function isRefusal(status: number): boolean {
  return REFUSALS.includes(status);
}
