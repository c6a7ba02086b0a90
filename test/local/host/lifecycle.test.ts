import { app } from "@azure/functions";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestHost } from "./start-test-host.ts";

describe("a host that stops", () => {
  it("lets a running call end and refuses new ones", async () => {
    let release = (): void => undefined;
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const host = await startTestHost({
      load: () =>
        app.get("slow", async () => {
          started();
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return { body: "done" };
        }),
    });
    const slow = fetch(`${host.url}/api/slow`);
    await running;
    const stopped = host.stop();
    await expect(fetch(`${host.url}/api/slow`)).rejects.toThrow("fetch failed");
    release();
    expect(await (await slow).text()).toBe("done");
    await stopped;
    expect(host.lines.some((line) => line.includes("left behind"))).toBe(false);
    await expect(host.stop()).resolves.toBeUndefined();
  });

  it("leaves behind what does not end in the grace time", async () => {
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const host = await startTestHost({
      stopGraceMs: 50,
      load: () =>
        app.get("never", () => {
          started();
          return new Promise(() => undefined);
        }),
    });
    const call = fetch(`${host.url}/api/never`);
    await running;
    await host.stop();
    await expect(call).rejects.toThrow("fetch failed");
    expect(host.lines.some((line) => line.includes("left behind"))).toBe(true);
  });

  it("runs all appTerminate hooks' failures into the log, and goes down", async () => {
    const host = await startTestHost({
      load: () => {
        app.get("x", () => ({}));
        app.hook.appTerminate(() => {
          throw new Error("cannot say goodbye");
        });
      },
    });
    await host.stop();
    expect(host.lines.some((line) => line.includes("cannot say goodbye"))).toBe(true);
  });
});

describe("a host that cannot start", () => {
  it("lets go of its port", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => {
      probe.listen(0, "127.0.0.1", resolve);
    });
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const load = (): void =>
      app.serviceBusQueue("worker", { queueName: "q", connection: "Bus", handler: () => undefined });
    const connection = "Endpoint=sb://localhost;SharedAccessKeyName=a";
    await expect(startTestHost({ httpPort: port, load, serviceBusConnection: connection })).rejects.toThrow(
      /connection|SharedAccess/i,
    );
    const again = createServer();
    onTestFinished(() => void again.close());
    await expect(
      new Promise<void>((resolve, reject) => {
        again.on("error", reject);
        again.listen(port, "127.0.0.1", resolve);
      }),
    ).resolves.toBeUndefined();
  });

  it("hands on what an appStart hook throws", async () => {
    const starting = startTestHost({
      load: () => {
        app.get("x", () => ({}));
        app.hook.appStart(() => {
          throw new Error("no start");
        });
      },
    });
    await expect(starting).rejects.toThrow("no start");
  });

  it.each([
    [{ version: "1.0" }, '"version" must be "2.0"'],
    [[], "host.json must be an object"],
    [{ version: "2.0", functionTimeout: "long" }, "functionTimeout"],
    [{ version: "2.0", extensions: { http: { routePrefix: 7 } } }, "routePrefix"],
  ])("says what is wrong with host.json %j", async (hostJson, why) => {
    await expect(startTestHost({ load: () => app.get("x", () => ({})), hostJson })).rejects.toThrow(why);
  });

  it("does not show a connection string that it cannot read", async () => {
    const host = await startTestHost({
      load: () => app.serviceBusQueue("w", { queueName: "q", connection: "Bus", handler: () => undefined }),
      settings: { Bus: "SharedAccessKey=very-secret" },
    });
    expect(host.functions[0]?.failure).toContain("has no part Endpoint=sb://");
    expect(host.lines.join("\n")).not.toContain("very-secret");
  });
});
