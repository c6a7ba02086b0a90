import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { CONTOSO } from "../page/overview-fixture.ts";
import { aPreview } from "./a-preview.ts";
import { ARTIFACTS, DESKTOP, PHONE, type PageRig, describeInBrowser } from "./page-rig.ts";
import type { PageServer } from "./page-server.ts";
import { HOSTILE_TITLE } from "./rich-overview.ts";

const SUMMARY = "1 incident looked at: 0 would be created, 1 changed";

describeInBrowser("the preview's own page", (rig: PageRig) => {
  const { violations, overflowing } = rig;
  let server: PageServer;
  let page: Page;
  beforeEach(() => {
    ({ server, page } = rig);
    server.preview(aPreview(HOSTILE_TITLE));
  });

  async function open(address: string): Promise<void> {
    await page.goto(`${server.url}${address}`);
    await page.getByRole("status").getByText(SUMMARY).waitFor();
  }

  describe.each([
    ["preview-desktop-light", DESKTOP, "light"],
    ["preview-desktop-dark", DESKTOP, "dark"],
    ["preview-phone-light", PHONE, "light"],
    ["preview-phone-dark", PHONE, "dark"],
  ] as const)("%s", (name, viewport, colorScheme) => {
    it("fits the window, is accessible, quiet, and asks nobody else", async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await open("preview");
      expect(await overflowing()).toBe(0);
      expect(await violations()).toEqual([]);
      expect(rig.complaints).toEqual([]);
      expect(rig.strangers).toEqual([]);
      await page.screenshot({ path: `${ARTIFACTS}${name}.png`, fullPage: true });
    });
  });

  it("says what would be written and why, as text, and writes nothing", async () => {
    await open("preview");
    expect(await page.title()).toBe("Preview · dex-sync");
    const table = page.getByRole("table", { name: "Fields of incident 5033 in ServiceNow" });
    expect(await table.getByRole("row").allInnerTexts()).toEqual([
      expect.stringMatching(/Field\s+From\s+To\s+Why/i),
      expect.stringMatching(/state\s+1\s+2\s+Entering the stage/),
      expect.stringMatching(/description\s+not known[\s\S]*Never written yet/),
    ]);
    // Names and reasons are not squeezed to a letter a line by a long value.
    const heights = await table.locator("thead th").evaluateAll((cells) => cells.map((cell) => cell.clientHeight));
    expect(Math.max(...heights)).toBeLessThan(40);
    expect(await page.locator("[data-preview] h3").innerText()).toMatch(/^#5033 of Contoso </);
    expect(await page.locator(".preview").innerText()).toContain("Changed in the tool, left alone: urgency");
    expect(await page.locator(".preview img, .preview b, .preview script").count()).toBe(0);
    expect(server.orders).toEqual([]);
  });

  it("is asked for by its address, which follows the form and can be handed on", async () => {
    await open(`preview?last=25&connector=itsm&tenant=${CONTOSO}`);
    expect(server.previews).toEqual([`/api/preview?last=25&tenant=${CONTOSO}&connector=itsm`]);
    expect(await page.getByLabel("Incidents that changed last").inputValue()).toBe("25");
    await page.getByLabel("Incidents that changed last").selectOption("50");
    await page.getByLabel("Tool").selectOption("jira");
    await page.getByLabel("Tenant").selectOption("");
    await page.getByRole("button", { name: "Show what would be written" }).press("Enter");
    await page.waitForURL(`${server.url}preview?last=50&connector=jira`);
    await page.getByRole("status").getByText(SUMMARY).waitFor();
    expect(server.previews.at(-1)).toBe("/api/preview?last=50&connector=jira");
    await page.reload();
    await page.getByRole("status").getByText(SUMMARY).waitFor();
    expect(await page.getByLabel("Tool").inputValue()).toBe("jira");
    expect(server.previews).toHaveLength(3);
  });

  it("leads to and from the overview, and from each incident to its own preview", async () => {
    await page.goto(server.url);
    await page.getByRole("link", { name: "Preview of incident 5033" }).click();
    await page.getByText("Incident 5033 alone").waitFor();
    await expect.poll(() => server.previews).toEqual([`/api/preview?incident=5033&tenant=${CONTOSO}`]);
    expect(await page.getByRole("link", { name: "Preview", exact: true }).getAttribute("aria-current")).toBe("page");
    await page.getByRole("link", { name: "Overview" }).click();
    await page.waitForURL(server.url);
    await page.locator(".incident").first().waitFor();
    await page.getByRole("link", { name: "Preview", exact: true }).click();
    await page.waitForURL(`${server.url}preview`);
  });

  it("says why where it cannot be had, and asks for the key like the overview", async () => {
    server.preview(undefined);
    await page.goto(`${server.url}preview`);
    await page.getByRole("status").getByText("the tool is <b>away</b>").waitFor();
    expect(await violations()).toEqual([]);
    server.preview(aPreview("later"));
    server.requireKey("the-right-key");
    await page.reload();
    await page.getByLabel("Function key", { exact: true }).fill("the-right-key");
    await page.getByLabel("Function key", { exact: true }).press("Enter");
    await page.getByRole("status").getByText(SUMMARY).waitFor();
  });
});
