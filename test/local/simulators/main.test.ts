import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
});

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "local/simulators/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

async function lines(child: ChildProcess, count: number): Promise<readonly Parsed[]> {
  const read: Parsed[] = [];
  if (child.stdout === null) return read;
  for await (const line of createInterface({ input: child.stdout })) {
    read.push(JSON.parse(line));
    if (read.length >= count) break;
  }
  return read;
}

/** Answers have many shapes; the test names the members it looks at. */
type Parsed = ReturnType<typeof JSON.parse>;

describe("the simulators as a process of their own", () => {
  it("is ready in one line, lives the generated lives, tells the truth, and ends when asked", async () => {
    const child = start("--incidents", "40", "--seed", "5", "--duration-s", "1", "--twin-delay-ms", "0");
    const [{ ready }, { finished }] = await lines(child, 2);
    const truth = await (await fetch(`${ready.graph}/simulator/truth`)).json();
    expect(truth).toMatchObject({ finished: true, count: 40, changes: finished.changes });
    expect(truth.incidents[0].id).toBe("1");
    expect(await (await fetch(`${ready.serviceNow}/simulator/tickets`)).json()).toEqual({ count: 0, tickets: [] });
    expect(await (await fetch(`${ready.sentinel}/simulator/incidents`)).json()).toMatchObject({ count: 40 });
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect((await exit)[0]).toBe(0);
  });

  it.each([
    [["--scenario", "nothing-like-it"], "neither a story"],
    [["--compression", "fast"], "--compression must be a number"],
    [["--nonsense"], "--nonsense"],
  ])("refuses %j and says why", async (args, message) => {
    const child = start(...args);
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = await once(child, "close");
    expect(code).not.toBe(0);
    expect(errors).toContain(message);
  });
});
