import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WebhookSimulator, startWebhook } from "../../local/simulators/webhook/start-webhook.ts";
import { doctorDeps } from "../../shared/compose-doctor.ts";
import { examine } from "../../shared/pipeline/doctor/examine.ts";
import { healthOf } from "../../shared/pipeline/overview/health.ts";
import { measure } from "../../shared/pipeline/overview/measure.ts";
import { preview } from "../../shared/pipeline/preview/preview.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { type InProcess, startInProcess } from "../in-process.ts";

const SIG = "s3cretOfTheAddress9f2c";
const SOAR = { id: "soar", kind: "webhook", urlSecret: "SOAR_URL", secret: "SOAR_SECRET" };

let receiver: WebhookSimulator;
let product: InProcess;
beforeEach(async () => {
  receiver = await startWebhook({ sig: SIG });
});
afterEach(async () => {
  await product.close();
  await receiver.close();
});

async function start(url: string): Promise<void> {
  product = await startInProcess({ connectors: [SOAR] }, { env: { SOAR_URL: url } });
}

/** All that the product keeps, logs, measures and shows. */
async function allThatIsSaid(): Promise<string> {
  const overview = await readOverview(product.composition.overviewDeps());
  await measure(product.composition.measureDeps());
  return JSON.stringify([
    product.lines,
    product.kept(),
    overview,
    healthOf(overview),
    await preview(product.composition, { last: 10, connector: "soar" }),
    await examine(doctorDeps(product.composition, undefined)),
    await product.composition.figures.text(),
  ]);
}

/** Which of these are in it: the whole would fill the screen. */
function saidIn(said: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => said.includes(word));
}

describe("a receiver whose address is a secret", { timeout: 60_000 }, () => {
  it("is told a whole life, and only its host is shown", async () => {
    await start(receiver.url);
    const { id } = product.tenant.graph.incidents.create();
    await product.poll();
    product.tenant.graph.incidents.change(id, { status: "resolved", classification: "truePositive" });
    await product.poll();
    expect(receiver.deliveries.map(({ type }) => type)).toEqual([
      "dexsync.incident.opened",
      "dexsync.incident.resolved",
    ]);
    const said = await allThatIsSaid();
    const shown = `"url":"${new URL(receiver.url).origin}"`;
    expect(saidIn(said, [shown, SIG, "/hooks/dex"])).toEqual([shown]);
  });

  it.each([
    ["answers 500", () => receiver.faults.add({ kind: "status", status: 500 }), "answered 500"],
    ["cuts every connection", () => receiver.faults.add({ kind: "cut" }), "got no answer"],
    ["answers a page for people", () => receiver.faults.add({ kind: "html", status: 503 }), "answered 503"],
    ["refuses an event", () => receiver.faults.add({ kind: "status", status: 422 }), "answered 422"],
    ["has another address by now, and says the old one back", () => void (receiver.sig = "another"), "answered 401"],
    ["wants nothing more", () => void (receiver.behaviour.isGone = true), "answered 410"],
  ])("shows no more of it where the receiver %s", async (_what, fail, words) => {
    await start(receiver.url);
    fail();
    for (let index = 0; index < 6; index += 1) product.tenant.graph.incidents.create();
    await product.poll();
    const said = await allThatIsSaid();
    expect(saidIn(said, [words, SIG, "/hooks/dex"])).toEqual([words]);
  });

  it.each([
    ["is none", "s3cretOfTheAddress9f2c", "it is no address"],
    ["is not set", "", "the environment variable SOAR_URL is not set"],
    ["has a password", "https://dex:s3cretOfTheAddress9f2c@soar.contoso.com/", "it must not hold a user name"],
    ["is a reference that does not resolve", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s3cretOfTheAddress9f2c)", "was not resolved"], // prettier-ignore
  ])("waits with its mend where the address %s", async (_what, url, words) => {
    await start(url);
    const { id } = product.tenant.graph.incidents.create();
    await product.poll();
    const said = await allThatIsSaid();
    expect(saidIn(said, [words, SIG])).toEqual([words]);
    const diagnosis = await examine(doctorDeps(product.composition, undefined));
    expect(diagnosis.findings).toContainEqual(
      expect.objectContaining({ area: "secrets", about: "connectors.0.urlSecret", verdict: "error" }),
    );
    expect(await product.link(id, "soar")).not.toMatchObject({ isParked: true });
  });
});
