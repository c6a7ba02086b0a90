import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { portRefusal } from "../../local/port-refusal.ts";
import { PermanentError } from "../../shared/errors.ts";

describe("portRefusal", () => {
  const notAllowed = Object.assign(new Error("listen EACCES: permission denied 127.0.0.1:80"), { code: "EACCES" });

  it.each([
    ["as it comes", notAllowed],
    ["as a cause", new Error("cannot listen", { cause: notAllowed })],
  ])("mends a port that is not for this account, %s", (_name, error) => {
    const refusal = portRefusal(80, error);
    expect(refusal).toBeInstanceOf(PermanentError);
    expect(refusal).toMatchObject({
      message: expect.stringContaining("port 80"),
      mend: expect.stringContaining("1024"),
    });
  });

  it("mends a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const second = createServer().listen(port, "127.0.0.1");
    const [error] = (await once(second, "error")) as [unknown];
    taken.close();
    expect(portRefusal(port, error)?.mend).toContain("end the program that has it");
  });

  it.each([new Error("host.json"), Object.assign(new Error("?"), { code: "EINVAL" }), "text", undefined])(
    "says nothing of %s",
    (error) => {
      expect(portRefusal(80, error)).toBeUndefined();
    },
  );
});
