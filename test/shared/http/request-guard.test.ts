import type { LookupAddress } from "node:dns";
import { describe, expect, it } from "vitest";
import { createLoopbackHttp, errorOf, get, post } from "./loopback-http.ts";
import { answerJson, startLoopbackServer } from "./loopback-server.ts";

const REFUSED = { name: "PermanentError", reason: "misconfigured" };

function resolvesTo(...addresses: readonly string[]): { resolve: () => Promise<LookupAddress[]>; asked: string[] } {
  const asked: string[] = [];
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return {
    asked,
    resolve: (...hosts: readonly unknown[]) => {
      asked.push(String(hosts[0]));
      return Promise.resolve(found);
    },
  };
}

describe("an address that is not public", () => {
  it.each([
    "https://127.0.0.1/",
    "https://10.0.0.5/",
    "https://169.254.169.254/metadata/identity/oauth2/token",
    "https://168.63.129.16/machine",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fd00:ec2::254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://0/",
    "https://１２７.0.0.1/",
    "https://①27.0.0.1/",
  ])("%s is refused before anything is sent", async (url) => {
    const error = await errorOf(createLoopbackHttp({ allowPrivate: [] }).send(post(url)));
    expect(error).toMatchObject({
      ...REFUSED,
      message: expect.stringContaining("network.allowPrivate"),
      mend: expect.stringContaining("network.allowPrivate"),
    });
  });

  it.each(["localhost", "LOCALHOST"])("%s is what it resolves to", async (host) => {
    const error = await errorOf(createLoopbackHttp({ allowPrivate: [] }).send(post(`https://${host}:1/`)));
    expect(error).toMatchObject(REFUSED);
  });

  it.each([
    "10.0.0.5",
    "127.0.0.1",
    "169.254.169.254",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "0.0.0.0",
  ])("a name that resolves to %s is refused", async (address) => {
    const { resolve, asked } = resolvesTo(address);
    const error = await errorOf(createLoopbackHttp({ allowPrivate: [], resolve }).send(get("https://tool.example/x")));
    expect(error).toMatchObject({ ...REFUSED, message: expect.stringContaining("GET tool.example/x was not sent") });
    expect(asked).toEqual(["tool.example"]);
  });

  it("a name that resolves to nothing is refused", async () => {
    const { resolve } = resolvesTo();
    expect(await errorOf(createLoopbackHttp({ resolve }).send(get("https://tool.example/")))).toMatchObject(REFUSED);
  });
});

describe("a range that is let through", () => {
  it("takes plain http, by address and by name, and connects to exactly what was checked", async () => {
    const server = await startLoopbackServer(answerJson(200, "here"));
    const { resolve, asked } = resolvesTo("10.9.9.9", "127.0.0.1", "::1");
    const http = createLoopbackHttp({ resolve });
    expect((await http.send(get(server.url))).json()).toBe("here");
    expect(asked).toEqual([]);
    const url = `http://tool.example:${server.port}/x`;
    expect((await http.send(get(url))).json()).toBe("here");
    expect(asked).toEqual(["tool.example"]);
    expect(server.received[1]?.headers.host).toBe(`tool.example:${server.port}`);
  });

  it("takes localhost where one of its addresses is inside", async () => {
    const server = await startLoopbackServer(answerJson(200, "here"));
    expect((await createLoopbackHttp().send(get(`http://localhost:${server.port}/`))).json()).toBe("here");
  });

  it.each(["http://8.8.8.8/", "http://10.0.0.1/", "http://[::1]/"])(
    "plain http stays inside: not to %s",
    async (url) => {
      expect(await errorOf(createLoopbackHttp().send(post(url)))).toMatchObject(REFUSED);
    },
  );

  it("plain http by name stays inside too", async () => {
    for (const address of ["8.8.8.8", "10.0.0.1"]) {
      const { resolve } = resolvesTo(address);
      expect(await errorOf(createLoopbackHttp({ resolve }).send(post("http://tool.example/")))).toMatchObject(REFUSED);
    }
  });

  it("without one there is no plain http, not even a look-up", async () => {
    const { resolve, asked } = resolvesTo("8.8.8.8");
    const http = createLoopbackHttp({ allowPrivate: [], resolve });
    expect(await errorOf(http.send(get("http://tool.example/")))).toMatchObject({
      ...REFUSED,
      message: expect.stringContaining("plain http"),
    });
    expect(asked).toEqual([]);
  });
});

describe("an address that cannot be meant", () => {
  it.each(["", "tool.example", "/api", "https://", "https://a b/", "http://[::1", "https://256.256.256.256/"])(
    "%j is refused",
    async (url) => {
      expect(await errorOf(createLoopbackHttp().send(get(url)))).toMatchObject(REFUSED);
    },
  );

  it.each(["ftp://tool.example/", "file:///etc/passwd", "data:text/plain,x", "javascript:alert(1)", "ws://127.0.0.1/"])(
    "%s is refused",
    async (url) => {
      expect(await errorOf(createLoopbackHttp().send(get(url)))).toMatchObject(REFUSED);
    },
  );

  it("with credentials is refused, and they are not repeated", async () => {
    const error = await errorOf(createLoopbackHttp().send(get("https://user:hunter22@tool.example/?key=hunter22")));
    expect(error).toMatchObject(REFUSED);
    expect((error as Error).message).not.toContain("hunter22");
  });

  it("on a host that is not configured is refused", async () => {
    const server = await startLoopbackServer(answerJson(200, {}));
    const http = createLoopbackHttp({ allowedHosts: ["Tool.Example", "127.0.0.1"] });
    expect((await http.send(get(server.url))).status).toBe(200);
    expect(await errorOf(http.send(get(`http://127.0.0.2:${server.port}/`)))).toMatchObject({
      ...REFUSED,
      message: expect.stringContaining("the host is not configured"),
    });
    expect(await errorOf(http.send(get("https://tool.example.evil.example/")))).toMatchObject(REFUSED);
    expect(server.received).toHaveLength(1);
  });
});

describe("a header that cannot be written", () => {
  it.each(["line\r\nx-injected: 1", "nul\u0000", "line\n"])("%j is refused, and not repeated", async (secret) => {
    const server = await startLoopbackServer(answerJson(200, {}));
    const headers = { authorization: `Bearer hunter22${secret}` };
    const error = await errorOf(createLoopbackHttp().send(get(server.url, { headers })));
    expect(error).toMatchObject({ ...REFUSED, mend: expect.stringContaining("secret") });
    expect(String((error as Error).cause) + (error as Error).message).not.toContain("hunter22");
    expect(server.received).toEqual([]);
  });
});
