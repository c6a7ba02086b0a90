import { describe, expect, it } from "vitest";
import { visibleText } from "../../page/view/visible-text.ts";

describe("visibleText", () => {
  it("names what would turn the text around", () => {
    expect(visibleText("invoice\u202Efdp.exe\u202C")).toBe("invoice[U+202E]fdp.exe[U+202C]");
  });

  it("names controls and isolates", () => {
    expect(visibleText("a\u0000b\u001B[2Jc\u2066d")).toBe("a[U+0000]b[U+001B][2Jc[U+2066]d");
  });

  it.each(["<img src=x onerror=alert(1)>", "سلوك مشبوه", "👩‍💻 می‌خواهم", "line\nbreak\ttab"])(
    "leaves %j as it is",
    (text) => {
      expect(visibleText(text)).toBe(text);
    },
  );
});
