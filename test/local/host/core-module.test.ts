import { app } from "@azure/functions";
import { build } from "esbuild";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestHost } from "./start-test-host.ts";

describe("registration", () => {
  it("keeps the functions of two hosts apart", async () => {
    const one = await startTestHost({ load: () => app.get("who", { handler: () => ({ body: "one" }) }) });
    const two = await startTestHost({ load: () => app.get("who", { handler: () => ({ body: "two" }) }) });
    expect(await (await fetch(`${one.url}/api/who`)).text()).toBe("one");
    expect(await (await fetch(`${two.url}/api/who`)).text()).toBe("two");
  });

  it("keeps two loads at the same time apart", async () => {
    const load = (name: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      app.get(name, () => ({}));
      await new Promise((resolve) => setImmediate(resolve));
      app.get(`${name}-2`, () => ({}));
    };
    const hosts = await Promise.all([startTestHost({ load: load("a") }), startTestHost({ load: load("b") })]);
    expect(hosts.map((host) => host.functions.map(({ name }) => name))).toEqual([
      ["a", "a-2"],
      ["b", "b-2"],
    ]);
  });

  it("refuses a function after start-up, one registered twice, and an app without any", async () => {
    await startTestHost({ load: () => app.get("first", () => ({})) });
    expect(() => app.get("late", () => ({}))).toThrow("only be registered during app startup");
    const twice = (): void => {
      app.get("same", () => ({}));
      app.get("same", () => ({}));
    };
    await expect(startTestHost({ load: twice })).rejects.toThrow('function "same" is registered twice');
    await expect(startTestHost({ load: () => undefined })).rejects.toThrow("registered no function");
  });

  it("hands on what load throws, and starts the next host", async () => {
    const failing = startTestHost({
      load: () => {
        throw new Error("broken app");
      },
    });
    await expect(failing).rejects.toThrow("broken app");
    await expect(startTestHost({ load: () => app.get("fine", () => ({})) })).resolves.toBeDefined();
  });

  it("runs an esbuild CommonJS bundle that leaves only the core module outside", async () => {
    const folder = await mkdtemp(join(tmpdir(), "local-host-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const bundle = join(folder, "functions.cjs");
    await writeFile(
      join(folder, "app.ts"),
      `import { app, HttpResponse } from "@azure/functions";
       app.get("bundled", { handler: () => new HttpResponse({ status: 201, body: "from the bundle" }) });`,
    );
    await build({
      entryPoints: [join(folder, "app.ts")],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["@azure/functions-core"],
      nodePaths: [join(process.cwd(), "node_modules")],
      logLevel: "silent",
    });
    const require = createRequire(bundle);
    const host = await startTestHost({ load: () => void require(bundle) });
    const response = await fetch(`${host.url}/api/bundled`);
    expect([response.status, await response.text()]).toEqual([201, "from the bundle"]);
  });
});

describe("hooks", () => {
  it("run in the worker's order, share their data, and may replace input, handler, result and error", async () => {
    const steps: string[] = [];
    const host = await startTestHost({
      load: () => {
        app.hook.appStart((context) => {
          steps.push("appStart");
          context.hookData["since"] = "start";
        });
        app.hook.appTerminate((context) => {
          steps.push(`appTerminate ${String(context.hookData["since"])}`);
        });
        app.hook.preInvocation((context) => {
          steps.push("pre 1");
          context.hookData["seen"] = context.invocationContext.functionName;
          if (context.invocationContext.functionName === "swapped") {
            context.inputs = ["other input"];
            context.functionHandler = (input: unknown) => {
              steps.push(`swapped handler got ${String(input)}`);
              throw new Error("swapped");
            };
          }
        });
        app.hook.preInvocation(() => {
          steps.push("pre 2");
        });
        app.hook.postInvocation((context) => {
          steps.push(
            `post of ${String(context.hookData["seen"])}: ${context.error instanceof Error ? context.error.message : "no error"}`,
          );
          if (context.error !== null) {
            context.error = null;
            context.result = { status: 299 };
          }
        });
        app.get("plain", () => {
          steps.push("handler");
          return { status: 200 };
        });
        app.get("swapped", () => ({ status: 200 }));
      },
    });
    expect(steps).toEqual(["appStart"]);
    expect((await fetch(`${host.url}/api/plain`)).status).toBe(200);
    expect((await fetch(`${host.url}/api/swapped`)).status).toBe(299);
    await host.stop();
    expect(steps).toEqual([
      "appStart",
      "pre 1",
      "pre 2",
      "handler",
      "post of plain: no error",
      "pre 1",
      "pre 2",
      "swapped handler got other input",
      "post of swapped: swapped",
      "appTerminate start",
    ]);
  });

  it("can be disposed of, and an unknown one is refused as the library expects", async () => {
    let calls = 0;
    const host = await startTestHost({
      load: () => {
        app.get("one", () => ({}));
        const hook = app.hook.preInvocation(() => {
          calls += 1;
        });
        hook.dispose();
        expect(() => app.hook.log(() => undefined)).toThrow("Log hooks require");
      },
    });
    await fetch(`${host.url}/api/one`);
    expect(calls).toBe(0);
  });

  it("that fail before the function fail the call without running it", async () => {
    let ran = false;
    const host = await startTestHost({
      load: () => {
        app.hook.preInvocation(() => {
          throw new Error("not today");
        });
        app.get("guarded", () => {
          ran = true;
          return {};
        });
      },
    });
    expect((await fetch(`${host.url}/api/guarded`)).status).toBe(500);
    expect(ran).toBe(false);
  });
});

describe("logs", () => {
  it("carry the function's name and level", async () => {
    const host = await startTestHost({
      load: () =>
        app.get("talks", (_request, context) => {
          context.warn("careful with %s", "this");
          return {};
        }),
    });
    await fetch(`${host.url}/api/talks`);
    expect(host.lines).toContain("warning Function.talks.User careful with this");
  });
});
