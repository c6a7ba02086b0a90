const ITEM = "dex-sync function key";

export interface FunctionKey {
  read(): string;
  keep(key: string): void;
  forget(): void;
}

/** Kept for this tab only: sessionStorage ends with it and no other tab sees it. */
export function createFunctionKey(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">): FunctionKey {
  return {
    read: () => storage.getItem(ITEM) ?? "",
    keep: (key) => storage.setItem(ITEM, key),
    forget: () => storage.removeItem(ITEM),
  };
}

/** A header carries visible ASCII only; anything else is a slip of the clipboard. */
export function isSendableKey(key: string): boolean {
  return /^[\x21-\x7E]+$/.test(key);
}
