import { expect, it } from "vitest";
import { viewOf } from "../../page/view/view-of.ts";

it.each([
  ["/", "overview"],
  ["/preview", "preview"],
  ["/operations", "operations"],
  ["/behind/a/proxy/operations", "operations"],
  ["/no-operations", "overview"],
])("%s shows the %s", (address, view) => {
  expect(viewOf(address)).toBe(view);
});
