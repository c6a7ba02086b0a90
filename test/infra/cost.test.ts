import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { benchCost } from "../../bench/cost.ts";
import { temporaryFolder } from "../product-process.ts";

const PRICES = JSON.parse(readFileSync("bench/cost-prices.json", "utf8")) as Record<string, number | string>;

/** What the bench prints. */
function reckon(args: readonly string[] = []): string {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    benchCost(args);
    return log.mock.calls.map(([text]) => String(text)).join("\n");
  } finally {
    log.mockRestore();
  }
}

function costOf(table: string, row: string): number {
  const line = table.split("\n").find((text) => text.startsWith(`| ${row}`));
  return Number(line?.split("|").at(-2));
}

/** Every price the same, but for what is free. */
function pricesOf(value: number): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "prices.json");
  const changed = Object.entries(PRICES).map(([name, price]) => [
    name,
    typeof price === "string" || /(Included|Free)$/.test(name) ? price : price * value,
  ]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(changed)));
  return file;
}

describe("the month's cost, as the runbook has it reckoned", () => {
  it("is the sum of its rows, and goes with the prices and the work", () => {
    const table = reckon();
    const rows = table.split("\n").filter((line) => /\d\.\d\d +\|$/.test(line) && !line.startsWith("| together"));
    const sum = rows.reduce((total, line) => total + Number(line.split("|").at(-2)), 0);
    expect(rows.length).toBeGreaterThan(4);
    expect(Math.abs(costOf(table, "together") - sum)).toBeLessThan(0.05);
    expect(Math.abs(costOf(reckon(["--prices", pricesOf(2)]), "together") - 2 * sum)).toBeLessThan(0.1);
    expect(costOf(reckon(["--prices", pricesOf(0)]), "together")).toBe(0);
    expect(costOf(reckon(["--connectors", "4"]), "logs")).toBeGreaterThan(costOf(table, "logs"));
    expect(costOf(reckon(["--isolated"]), "together")).toBeGreaterThan(600);
  });

  it("is told by the command that the runbook names", () => {
    const { status, stdout } = spawnSync(process.execPath, ["scripts/bench.mjs", "cost"], { encoding: "utf8" });
    expect([status, stdout.includes("| together")]).toEqual([0, true]);
  });

  it("counts every alert that there is", () => {
    const { length } = JSON.parse(readFileSync("infra/alerts.json", "utf8")) as readonly unknown[];
    expect(reckon()).toContain(`7 series, ${length} log rules`);
  });
});
