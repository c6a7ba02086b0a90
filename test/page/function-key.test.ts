import { describe, expect, it } from "vitest";
import { isSendableKey } from "../../page/data/function-key.ts";

describe("isSendableKey", () => {
  it.each(["aB3-_xyz==", "k"])("takes %j", (key) => {
    expect(isSendableKey(key)).toBe(true);
  });

  it.each(["", "two words", "line\r\nx-evil: 1", "clé"])("refuses %j", (key) => {
    expect(isSendableKey(key)).toBe(false);
  });
});
