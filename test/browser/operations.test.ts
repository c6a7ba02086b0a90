import type { Locator, Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { FABRIKAM } from "../page/overview-fixture.ts";
import { ARTIFACTS, DESKTOP, PHONE, type PageRig, describeInBrowser } from "./page-rig.ts";
import type { PageServer } from "./page-server.ts";
import { HOSTILE_TITLE, LONG_WORD } from "./rich-overview.ts";
import { aDiagnosis, someFigures } from "./some-figures.ts";

const HOSTILE = `${HOSTILE_TITLE} ${LONG_WORD}`;
const SUMMARY = "1 thing to mend: 1 to know, 1 not looked at, 4 fine.";

describeInBrowser("the page of operations", (rig: PageRig) => {
  const { violations, overflowing } = rig;
  let server: PageServer;
  let page: Page;
  beforeEach(async () => {
    ({ server, page } = rig);
    server.figures(await someFigures(HOSTILE));
    server.diagnose(aDiagnosis(HOSTILE));
  });

  async function open(): Promise<void> {
    await page.goto(`${server.url}operations`);
    await page.locator("[data-read]").waitFor();
  }

  async function examine(key = "the-master-key"): Promise<void> {
    await page.getByLabel("Master key").fill(key);
    await page.getByRole("button", { name: "Examine everything" }).press("Enter");
  }

  const panel = (name: string): Locator => page.locator(`[data-figure="${name}"]`);

  describe.each([
    ["operations-desktop-light", DESKTOP, "light"],
    ["operations-desktop-dark", DESKTOP, "dark"],
    ["operations-phone-light", PHONE, "light"],
    ["operations-phone-dark", PHONE, "dark"],
  ] as const)("%s", (name, viewport, colorScheme) => {
    it("fits the window, is accessible, quiet, and asks nobody else", async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await open();
      expect(await overflowing()).toBe(0);
      expect(await violations()).toEqual([]);
      await page.screenshot({ path: `${ARTIFACTS}${name}.png`, fullPage: true });
      await examine();
      await page.getByText(SUMMARY).waitFor();
      expect(await overflowing()).toBe(0);
      expect(await violations()).toEqual([]);
      expect(rig.complaints).toEqual([]);
      expect(rig.strangers).toEqual([]);
      await page.screenshot({ path: `${ARTIFACTS}${name}-examined.png`, fullPage: true });
    });
  });

  it("draws every figure with what it says, by kind", async () => {
    await open();
    expect(await page.title()).toBe("Operations · dex-sync");
    expect(await page.locator(".figure-group h3").allInnerTexts()).toEqual([
      "Now",
      "Delays since the start",
      "Counts since the start",
    ]);
    expect(await page.locator("[data-figure]").count()).toBe(19);
    expect(await panel("dexsync.parked").innerText()).toMatch(
      /3 pieces of work\s+Work that waits for a person\s+Microsoft Defender\s+3/,
    );
    expect(await panel("dexsync.watermark.age").innerText()).toMatch(
      /Fabrikam <i>Holdings<\/i>\s+6 min\s+Contoso\s+8\.2 s/,
    );
    expect(await panel("dexsync.breaker.open").innerText()).toMatch(/ServiceNow\s+open\s+Jira\s+closed/);
    expect(await panel("dexsync.findings").innerText()).toContain("None so far.");
    const written = panel("dexsync.lag.written");
    expect(await written.getByRole("img").count()).toBe(3);
    expect(await written.getByRole("img").last().getAttribute("aria-label")).toMatch(/^14 up to 1 s, 4 up to 2 s, /);
    expect(await written.innerText()).toMatch(/ServiceNow\s+52 s average\s+160 times\s+9 of 10 within 5 min/);
  });

  it("draws bars as long as what they stand for", async () => {
    await open();
    const bars = panel("dexsync.graph.requests").locator(".row-filled");
    const widths = await bars.evaluateAll((found) => found.map((bar) => bar.getBoundingClientRect().width));
    expect(widths).toHaveLength(2);
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(310 / 1_140, 2);
    const bins = panel("dexsync.lag.seen").locator(".bin");
    const heights = await bins.evaluateAll((found) => found.map((bin) => bin.getBoundingClientRect().height));
    expect(heights).toHaveLength(14);
    expect(Math.max(...heights)).toBeGreaterThan(30);
    expect(heights.at(-1)).toBe(0);
  });

  it("shows one tenant's alone where it is chosen", async () => {
    await open();
    await page.getByLabel("Tenant").selectOption(FABRIKAM);
    expect(await panel("dexsync.watermark.age").innerText()).not.toContain("Contoso");
    expect(await panel("dexsync.deltas").locator(".panel-total").innerText()).toBe("680 deltas");
    await page.getByLabel("Tenant").selectOption("");
    expect(await panel("dexsync.deltas").locator(".panel-total").innerText()).toBe("1,360 deltas");
  });

  it("shows what anybody wrote as text", async () => {
    await open();
    await examine();
    await page.getByText(SUMMARY).waitFor();
    expect(await panel("dexsync.copies").innerText()).toContain("<img src=x");
    expect(await page.locator('[data-area="Tools"]').innerText()).toContain("<script>alert(1)</script> in [U+202E]fdp");
    expect(await page.locator(".operations img, .operations script").count()).toBe(0);
    expect(await page.title()).toBe("Operations · dex-sync");
  });

  it("says where the figures are where they are not here, as the server says it", async () => {
    server.figures("the figures are in <b>Application Insights</b>, as custom metrics\n", 404);
    await page.goto(`${server.url}operations`);
    await page
      .getByText("The server says: the figures are in <b>Application Insights</b>, as custom metrics")
      .waitFor();
    expect(await page.locator("[data-figure]").count()).toBe(0);
    expect(await violations()).toEqual([]);
    await examine();
    await page.getByText(SUMMARY).waitFor();
  });

  it("reads the figures again when it is looked at again, and keeps them while they cannot be read", async () => {
    await open();
    server.figures('dexsync_parked{connector="jira"} 8\n?\n');
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await panel("dexsync.parked").getByText("8 pieces of work").waitFor();
    expect(await page.locator("[data-read]").innerText()).toContain("1 line could not be read");
    server.figures("", 500);
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.getByText("the server answered with status 500 since").waitFor();
    expect(await panel("dexsync.parked").innerText()).toContain("8 pieces of work");
  });

  it("has everything examined under the master key, which is kept nowhere, with the keyboard alone", async () => {
    await open();
    await page.getByLabel("Master key").focus();
    await page.keyboard.type("not-the-key");
    await page.keyboard.press("Enter");
    await page.getByText("The server refused this key. It wants the master key.").waitFor();
    await page.keyboard.type("the-master-key");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(SUMMARY).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Examine everything");
    expect(server.doctorKeys).toEqual(["not-the-key", "the-master-key"]);
    expect(await page.getByLabel("Master key").inputValue()).toBe("");
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie])).toEqual([
      0,
      0,
      "",
    ]);
    expect(new Set(server.figureKeys)).toEqual(new Set([""]));
    const areas = await page
      .locator(".examined [data-area]")
      .evaluateAll((found) => found.map((area) => area.getAttribute("data-area")));
    expect(areas).toEqual(["Secrets", "Tools", "Configuration", "Microsoft Graph", "Clocks", "Queues"]);
    expect(await page.locator('[data-area="Microsoft Graph"]').innerText()).toMatch(
      /Fine Contoso: incidents can be read/,
    );
    const secrets = await page.locator('[data-area="Secrets"]').innerText();
    expect(secrets).toMatch(
      /Wrong connectors\.0\.auth\.secret: SERVICENOW_PASSWORD is .*\s+To mend it: check the secret/,
    );
    await page.keyboard.press("Enter");
    await page.getByText("The master key has letters, digits and signs only.").waitFor();
    expect(server.doctorKeys).toHaveLength(2);
  });

  it("examines where the overview cannot be read, and shows the figures", async () => {
    server.cut();
    await page.goto(`${server.url}operations`);
    await page.getByText("The overview cannot be shown").waitFor();
    await panel("dexsync.parked").waitFor();
    await examine();
    await page.getByText(SUMMARY).waitFor();
    server.restore();
    await page.locator(".header-facts").waitFor();
    expect(await page.getByText(SUMMARY).count()).toBe(1);
  });

  it("asks for the figures with the function key where there is one", async () => {
    server.requireKey("the-right-key");
    await page.goto(`${server.url}operations`);
    await page.getByLabel("Function key", { exact: true }).fill("the-right-key");
    await page.getByLabel("Function key", { exact: true }).press("Enter");
    await page.locator("[data-read]").waitFor();
    expect(new Set(server.figureKeys)).toEqual(new Set(["the-right-key"]));
  });

  it("is reached from the other pages", async () => {
    await page.goto(server.url);
    await page.getByRole("link", { name: "Operations" }).click();
    await page.waitForURL(`${server.url}operations`);
    await page.locator("[data-read]").waitFor();
    expect(await page.getByRole("link", { name: "Operations" }).getAttribute("aria-current")).toBe("page");
    await page.getByRole("link", { name: "Preview" }).click();
    await page.waitForURL(`${server.url}preview`);
  });
});
