import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "./chromium.ts";
import { servePage } from "./page-server.ts";
import type { PageServer } from "./page-server.ts";
import { richOverview } from "./rich-overview.ts";

export const ARTIFACTS = fileURLToPath(new URL("../../test-artifacts/", import.meta.url));
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 780 };

/** A fresh page of a fresh server for each test. */
export interface PageRig {
  page: Page;
  server: PageServer;
  /** What the browser complained of. */
  complaints: string[];
  /** Requests to anybody else. */
  strangers: string[];
  violations(): Promise<string[]>;
  /** How far the document reaches beyond the window, in CSS pixels. */
  overflowing(): Promise<number>;
}

/** Registers the tests where there is a browser; says so where there is none. */
export function describeInBrowser(name: string, tests: (rig: PageRig) => void): void {
  const chromium = findChromium();
  if (chromium !== undefined) {
    // A page's life on a busy machine: the limit is there for what hangs.
    describe(`${name}, in a browser`, { timeout: 30_000 }, () => {
      tests(useRig(chromium));
    });
    return;
  }
  if (process.env["CI_REQUIRES_TOOLS"] === "1") {
    throw new Error("test/browser needs Chromium: install it, or name it in CHROMIUM_PATH");
  }
  process.stdout.write(`${name}: no Chromium found (CHROMIUM_PATH names one); its tests are left out\n`);
  // A file without a suite is an error to the test runner.
  describe(`${name}, in a browser`, () => {
    it("is not registered: there is no browser here", () => {
      expect(chromium).toBeUndefined();
    });
  });
}

function useRig(executablePath: string): PageRig {
  let context: BrowserContext;
  let closeBrowser: () => Promise<void>;
  const rig = { violations, overflowing } as PageRig;

  beforeAll(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    const browser = await openBrowser(executablePath);
    context = browser.context;
    closeBrowser = () => browser.close();
  }, 60_000);

  afterAll(() => closeBrowser());

  beforeEach(async () => {
    const server = await servePage(richOverview(Date.now()));
    const page = await context.newPage();
    Object.assign(rig, { server, page, complaints: [], strangers: [] });
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) rig.complaints.push(message.text());
    });
    page.on("pageerror", (error) => rig.complaints.push(String(error)));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(server.url).origin) rig.strangers.push(request.url());
    });
    await page.setViewportSize(DESKTOP);
  });

  afterEach(async () => {
    await rig.page.close();
    await rig.server.close();
  });

  async function violations(): Promise<string[]> {
    await rig.page.evaluate(axe.source);
    const found = await rig.page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document));
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  }

  async function overflowing(): Promise<number> {
    return await rig.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  return rig;
}
