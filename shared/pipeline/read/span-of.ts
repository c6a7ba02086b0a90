import type { UnreadWindow } from "../poll-state.ts";

/** The part of its window that a page stands for: down to where the next one begins, all of it where that is not told. */
export function spanOf({
  window,
  unread,
}: {
  readonly window: UnreadWindow;
  readonly unread: readonly UnreadWindow[];
}): UnreadWindow {
  const below = unread[0]?.to;
  const isBelow =
    unread[0]?.from === window.from && below !== undefined && (window.to === undefined || below < window.to);
  return isBelow ? { ...window, from: below } : window;
}
