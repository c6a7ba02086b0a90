import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { aTenant, anIncident, anOverview } from "../page/overview-fixture.ts";
import { ARTIFACTS, DESKTOP, PHONE, type PageRig, describeInBrowser } from "./page-rig.ts";
import type { PageServer } from "./page-server.ts";
import { HOSTILE_TITLE, richOverview } from "./rich-overview.ts";

describeInBrowser("the page", inBrowser);

function inBrowser(rig: PageRig): void {
  const { violations, overflowing } = rig;
  let server: PageServer;
  let page: Page;
  let complaints: string[];
  let strangers: string[];
  beforeEach(() => {
    ({ server, page, complaints, strangers } = rig);
  });

  async function open(): Promise<void> {
    await page.goto(server.url);
    await page.locator(".incident").first().waitFor();
  }

  /** Makes the page ask at once instead of in 2 s, as it does when its tab is looked at again. */
  async function look(): Promise<void> {
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  }

  describe.each([
    ["desktop-light", DESKTOP, "light"],
    ["desktop-dark", DESKTOP, "dark"],
    ["phone-light", PHONE, "light"],
    ["phone-dark", PHONE, "dark"],
  ] as const)("%s", (name, viewport, colorScheme) => {
    it("fits the window, is accessible, quiet, and asks nobody else", async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await open();
      expect(await page.locator(".incident").count()).toBe(9);
      expect(await overflowing()).toBe(0);
      expect(await violations()).toEqual([]);
      expect(complaints).toEqual([]);
      expect(strangers).toEqual([]);
      await page.screenshot({ path: `${ARTIFACTS}${name}.png`, fullPage: true });
    });
  });

  it("follows the colours of the system", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await open();
    const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(light);
  });

  it("shows the experts' card first, and its button lists what awaits action", async () => {
    await open();
    const card = page.locator(".experts-card").first();
    expect(await card.locator(".awaiting-figure").innerText()).toMatch(/^2\s+incidents awaiting your action$/);
    expect(await card.locator(".figure dd").allInnerTexts()).toEqual(["2", "2", "214"]);
    await card.getByRole("button", { name: "Show them" }).click();
    expect(await page.locator(".incident").count()).toBe(2);
    expect(await page.locator('[data-turn="yours"]').getAttribute("aria-pressed")).toBe("true");
    expect(await page.title()).toBe("(2) awaiting your action · dex-sync");
  });

  it("says that nothing waits only where Defender was read", async () => {
    const none = { awaitingCustomerAction: 0, inProgress: 0, active: 0, resolvedIn30Days: 0 };
    const card = page.locator(".experts-card");
    const refused = "unauthorized: Microsoft Graph answered 403";
    for (const [tenant, figure, words] of [
      [aTenant({ card: none, lastPollAt: 0, problem: refused }), "?", "Defender has not been read yet."],
      [aTenant({ card: none, problem: refused }), "0", "Nothing waited when Defender was last read."],
      [aTenant({ card: none }), "0", "Nothing waits for you."],
    ] as const) {
      server.show(anOverview({ generatedAt: Date.now(), tenants: [tenant] }));
      await open();
      expect(await card.locator(".big-number").innerText()).toBe(figure);
      expect(await card.locator(".figure dd").allInnerTexts()).toEqual([figure, figure, figure]);
      expect(await card.locator(".awaiting .quiet").innerText()).toBe(words);
      expect(await violations()).toEqual([]);
    }
  });

  it("fits a phone with as many incidents as it ever lists", async () => {
    const incidents = Array.from({ length: 100 }, (_none, index) => anIncident({ incidentId: String(5_000 + index) }));
    server.show(anOverview({ generatedAt: Date.now(), incidents }));
    await page.setViewportSize(PHONE);
    await open();
    expect(await page.getByRole("button", { name: "All 100" }).count()).toBe(1);
    expect(await overflowing()).toBe(0);
  });

  it("keeps hostile text text", async () => {
    await open();
    const row = page.locator('.incident[data-incident="5033"]');
    const title = await row.locator(".title-link").textContent();
    expect(title).toBe(HOSTILE_TITLE.replace("\u202E", "[U+202E]").replace("\u202C", "[U+202C]"));
    expect(await page.locator("img, #app script, .incident b, iframe").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    expect(await row.locator('[data-connector="jira"]').innerText()).toContain("javascript:alert(document.domain)");
    expect(await row.locator(".title-link bdi").getAttribute("dir")).toBe("auto");
  });

  it("opens other sites apart from this page", async () => {
    await open();
    const links = await page.locator("a").evaluateAll((all) =>
      all.map((link) => ({
        isOurs: (link as HTMLAnchorElement).origin === location.origin,
        rel: link.getAttribute("rel"),
      })),
    );
    const others = links.filter(({ isOurs }) => !isOurs);
    expect(others.length).toBeGreaterThan(0);
    expect(new Set(others.map(({ rel }) => rel))).toEqual(new Set(["noopener noreferrer"]));
  });

  it("replays parked work for whoever has the master key, and says what became of it", async () => {
    await open();
    const parked = page.locator(".parked").first();
    await parked.locator("summary").click();
    const status = parked.getByRole("status");
    await parked.getByRole("button", { name: "Replay" }).click();
    await status.getByText("Say why first.").waitFor();
    await parked.getByLabel("Why").fill("the close code is named now");
    await parked.getByLabel("Master key").fill("a-guess");
    await parked.getByRole("button", { name: "Replay" }).click();
    await status.getByText("The server refused this key").waitFor();
    // A key is kept nowhere: it is asked for again.
    expect(await parked.getByLabel("Master key").inputValue()).toBe("");
    await parked.getByLabel("Master key").fill("the-master-key");
    await parked.getByRole("button", { name: "Replay" }).click();
    await status.getByText("On its way again").waitFor();
    expect(server.orders.map(({ operation, key }) => [operation, key])).toEqual([
      ["replay", "a-guess"],
      ["replay", "the-master-key"],
    ]);
    expect(server.orders[1]?.body).toMatchObject({
      reason: "the close code is named now",
      connector: expect.any(String),
    });
    expect(
      await page.evaluate(() => Object.values(sessionStorage).concat(Object.values(localStorage)).join()),
    ).not.toContain("master");
    // The refusal is the one thing that the browser complains of.
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  it("says which settings do not fit which tool, and how to mend them", async () => {
    await open();
    const findings = page.locator(".findings");
    expect(await findings.locator("[data-findings]").count()).toBe(2);
    const itsm = findings.locator('[data-findings="itsm"]');
    expect(await itsm.innerText()).toMatch(
      /ServiceNow itsm\s+Keeps tickets back mapping\.closeCodes\.truePositive: the instance has no resolution code “<b>House<\/b>”\s+To mend it: set it to one of those/,
    );
    expect(await findings.locator('[data-findings="jira"] [data-severity="warning"]').innerText()).toContain(
      "mapping.resolutions.falsePositive",
    );
    expect(await page.locator('.tile[data-connector="jira"]').getAttribute("data-health")).toBe("busy");
    expect(await findings.locator("b").count()).toBe(0);
    server.show(anOverview({ generatedAt: Date.now() }));
    await look();
    await findings.waitFor({ state: "detached" });
  });

  it("says honestly what is merged, unrecognised, parked, late and drifted", async () => {
    await open();
    const row = (id: string) => page.locator(`.incident[data-incident="${id}"]`);
    expect(await row("5017").locator(".lifecycle").innerText()).toBe("Merged away for 8 h 00 min");
    expect(await row("5017").locator(".merges").innerText()).toContain("Merged into #5021");
    expect(await row("5017").getByRole("link", { name: "#5021" }).getAttribute("href")).toBe(
      "https://security.microsoft.com/incidents/5021",
    );
    expect(await row("5036").innerText()).toContain("Unrecognised status “onHoldByProvider”");
    expect(await row("5033").locator('[data-connector="itsm"]').innerText()).toMatch(
      /Parked[\s\S]*refuses the assignment group[\s\S]*To mend it: Name an existing group/,
    );
    expect(await row("5033").locator('[data-connector="sentinel"]').innerText()).toContain("No ticket yet");
    expect(await row("5040").locator('[data-connector="sentinel"]').innerText()).toMatch(/Waiting[\s\S]*throttling/);
    expect(await row("5021").locator('[data-connector="jira"]').innerText()).toContain(
      "Changed in the tool: status, priority",
    );
    expect(await row("5021").locator('[data-connector="itsm"]').innerText()).toContain("1.8 s after the change");
    expect(await page.locator('.tile[data-health="ill"]').count()).toBe(2);
  });

  it("says whose turn it was for how long, who closed it, and what each ticket carries", async () => {
    await open();
    const row = (id: string) => page.locator(`.incident[data-incident="${id}"]`);
    expect(await row("5021").locator(".ball").innerText()).toContain("Your turn for 3 h 10 min");
    expect(await row("5033").locator(".turn-age").count()).toBe(0);
    expect(await row("5019").locator(".lifecycle").innerText()).toContain("Closed by Defender Experts with your help");
    expect(await row("5040").locator(".closed-by").count()).toBe(0);
    expect(await row("5021").locator('[data-connector="sentinel"] .tag').allInnerTexts()).toEqual([
      "dex:stage=awaitingCustomerAction",
      "dex:experts",
      "dex:class=truePositive",
    ]);
    expect(await row("5021").locator('[data-connector="itsm"] .tag').count()).toBe(0);
    expect(await page.locator(".closed-note").innerText()).toBe(
      "Of those closed, the newest 2 are listed; 251 were resolved in the last 30 days",
    );
  });

  it("says of each tenant whether Graph rings, and what it does not let us read", async () => {
    await open();
    const [contoso, fabrikam] = await page.locator(".tile[data-tenant]").allInnerTexts();
    expect(contoso).toMatch(/Push on[\s\S]*does not let this app read: alerts \(403\), tasks \(404\)/);
    expect(fabrikam).toContain("Push off: no public address of this app is known; the timer reads everything");
  });

  it("shows a new stage within the poll's 2 s, in the same page and row, and announces the handover", async () => {
    await open();
    const overview = richOverview(Date.now());
    const row = page.locator('.incident[data-incident="5040"]');
    const before = await row.elementHandle();
    const incidents = overview.incidents.map((incident) =>
      incident.incidentId === "5040"
        ? { ...incident, stage: "awaitingCustomerAction" as const, ball: "customer" as const, assignedTo: "Customer" }
        : incident,
    );
    server.show({ ...overview, incidents });
    await page
      .locator('.incident[data-incident="5040"][data-stage="awaitingCustomerAction"]')
      .waitFor({ timeout: 4_000 });
    expect(await before?.evaluate((element) => element.isConnected)).toBe(true);
    expect(await row.getAttribute("data-flash")).toMatch(/^[ab]$/);
    expect(await row.locator(".ball").innerText()).toContain("You (customer)");
    expect(await page.locator("#announcements").innerText()).toBe(
      "Incident 5040 of Contoso is now awaiting your action.",
    );
    expect(complaints).toEqual([]);
  });

  it("asks again with the ETag and leaves the page alone on 304", async () => {
    await open();
    await page.evaluate(() => {
      const touched = globalThis as unknown as { rowsTouched: number };
      touched.rowsTouched = 0;
      new MutationObserver((records) => (touched.rowsTouched += records.length)).observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
      });
    });
    const answered = page.waitForResponse((response) => response.status() === 304);
    await look();
    await answered;
    expect(server.answers.slice(0, 2)).toEqual([200, 304]);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    expect(await page.evaluate(() => (globalThis as unknown as { rowsTouched: number }).rowsTouched)).toBe(0);
  });

  it("lets its ages tick", async () => {
    await open();
    const age = page.locator('.incident[data-incident="5041"] .lifecycle time');
    const before = await age.innerText();
    await page.waitForFunction(
      (text) => document.querySelector('[data-incident="5041"] .lifecycle time')?.textContent !== text,
      before,
    );
    expect(await age.getAttribute("datetime")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(await age.getAttribute("title")).toMatch(/:\d\d/);
  });

  it("filters by turn, text and tenant", async () => {
    await open();
    await page.getByRole("button", { name: /^Closed/ }).click();
    expect(await page.locator(".incident").count()).toBe(2);
    await page.getByRole("button", { name: /^All/ }).click();
    await page.getByRole("searchbox").fill("sec-413");
    expect(await page.locator(".incident").count()).toBe(1);
    await page.getByRole("searchbox").fill("no such thing");
    await page.getByRole("button", { name: "Show all incidents" }).click();
    await page.getByLabel("Tenant").selectOption({ label: "Fabrikam <i>Holdings</i>" });
    expect(await page.locator(".incident").count()).toBe(1);
  });

  it("is worked by keyboard alone, with the focus to be seen", async () => {
    await open();
    const reached: string[] = [];
    for (let step = 0; step < 80 && !reached.includes("INC0010041"); step += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => ({
        text: (document.activeElement?.textContent ?? "").trim(),
        outline: getComputedStyle(document.activeElement ?? document.body).outlineStyle,
      }));
      expect(focus.outline).not.toBe("none");
      reached.push(focus.text);
      if (focus.text.startsWith("Your turn")) await page.keyboard.press("Space");
    }
    expect(reached).toEqual(expect.arrayContaining(["All 9", "Your turn 2", "Experts 2", "Closed 2", "INC0010041"]));
    expect(await page.locator(".incident").count()).toBe(2);
  });

  it("asks for the function key on 401, keeps it for the tab, and shows the overview with it", async () => {
    server.requireKey("the-right-key");
    await page.goto(server.url);
    const field = page.getByLabel("Function key", { exact: true });
    await field.fill("a-wrong-key");
    await page.getByRole("button", { name: "Show the overview" }).click();
    await page.getByText("The server refused this key").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Show the overview");
    expect(await violations()).toEqual([]);
    await page.setViewportSize(PHONE);
    expect(await overflowing()).toBe(0);
    await field.fill("the-right-key");
    await field.press("Enter");
    await page.locator(".incident").first().waitFor();
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 1]);
    await page.reload();
    await page.locator(".incident").first().waitFor();
    expect(page.url()).toBe(server.url);
  });

  it("says when the connection is lost and of when the state is, without moving anything", async () => {
    await open();
    const topBefore = await page.locator(".incidents").evaluate((element) => element.getBoundingClientRect().top);
    server.cut();
    await look();
    const bar = page.getByText(/^Connection lost, showing the state of \d\d:\d\d:\d\d/);
    await bar.waitFor();
    expect(await page.locator(".incidents").evaluate((element) => element.getBoundingClientRect().top)).toBe(topBefore);
    expect(await violations()).toEqual([]);
    server.restore();
    await look();
    await bar.waitFor({ state: "detached" });
    expect(await page.locator(".incident").count()).toBe(9);
  });

  it("says why when nothing could be read yet", async () => {
    server.cut();
    await page.goto(server.url);
    await page.getByText("The overview cannot be shown").waitFor();
    expect(await violations()).toEqual([]);
    server.restore();
    await look();
    await page.locator(".incident").first().waitFor();
  });

  it("is calm and complete without incidents", async () => {
    server.show(
      anOverview({
        generatedAt: Date.now(),
        incidents: [],
        tenants: [aTenant({ card: { awaitingCustomerAction: 0, inProgress: 0, active: 0, resolvedIn30Days: 0 } })],
      }),
    );
    await page.goto(server.url);
    await page.getByText("No incidents yet").waitFor();
    expect(await violations()).toEqual([]);
    await page.screenshot({ path: `${ARTIFACTS}empty.png`, fullPage: true });
  });

  it("does not move for those who asked for less motion", async () => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    server.show(anOverview({ generatedAt: Date.now() }));
    await open();
    server.show(anOverview({ generatedAt: Date.now(), incidents: [anIncident({ commentCount: 9 })] }));
    await look();
    await page.locator('.incident:is([data-flash="a"], [data-flash="b"])').waitFor();
    const animation = await page.locator(".incident").evaluate((row) => getComputedStyle(row).animationName);
    expect(animation).toBe("none");
  });
}
