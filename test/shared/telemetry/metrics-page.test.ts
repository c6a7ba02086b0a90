import { readFileSync } from "node:fs";
import { format } from "prettier";
import { expect, it } from "vitest";
import { metricsPage } from "../../../scripts/metrics-page.ts";

it("docs/metrics.md has every figure that the code can tell (npm run schemas writes it)", async () => {
  const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
  expect(page).toBe(await format(metricsPage(), { parser: "markdown", printWidth: 120 }));
});
