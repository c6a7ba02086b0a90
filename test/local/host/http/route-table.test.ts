import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRouteTable } from "../../../../local/host/http/route-table.ts";

function find(routes: readonly string[], path: string, prefix = ""): [string, Record<string, string>] | undefined {
  const table = createRouteTable<string>(prefix);
  for (const route of routes) table.add(route, ["GET"], route);
  const found = table.find("GET", path);
  return found && [found.target, { ...found.params }];
}

describe("a route", () => {
  it.each([
    ["{id}", "/7", { id: "7" }],
    ["items/{id:int}", "/items/7", { id: "7" }],
    ["items/{id:int}", "/ITEMS/7/", { id: "7" }],
    ["items/{id:int}", "/items/x7", undefined],
    ["items/{id:int}", "/items/2147483648", undefined],
    ["items/{id:long}", "/items/2147483648", { id: "2147483648" }],
    ["items/{id:guid}", "/items/cfcdbe43-297b-4c6b-ac7e-8d7f6befb514", { id: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514" }],
    ["items/{name:alpha:minlength(3)}", "/items/ab", undefined],
    ["items/{name:alpha:minlength(3)}", "/items/abc", { name: "abc" }],
    ["items/{n:range(1,5)}", "/items/5", { n: "5" }],
    ["items/{n:range(1,5)}", "/items/6", undefined],
    ["items/{code:regex(^\\d{{3}}$)}", "/items/1", undefined],
    ["items/{a}/{rest?}", "/items/1", { a: "1" }],
    ["items/{a}/{rest?}", "/items/1/2", { a: "1", rest: "2" }],
    ["items/{a}/{rest?}", "/items/1/2/3", undefined],
    ["files/{*path}", "/files/a/b%20c/d", { path: "a/b c/d" }],
    ["files/{*path}", "/files", {}],
    ["page/{n=1}", "/page", { n: "1" }],
    ["{name}.{ext}", "/photo.jpg", { name: "photo", ext: "jpg" }],
    ["a/{b}", "/a/", undefined],
    ["a/{b}", "/a//", undefined],
    ["a/{b}", "/a/x%2Fy", { b: "x%2Fy" }],
    ["a/{b}", "/a/%zz", undefined],
    ["{home:maxlength(0)?}", "/", {}],
    ["{home:maxlength(0)?}", "/x", undefined],
  ])("%s with %s", (route, path, params) => {
    expect(find([route], path)?.[1]).toEqual(params);
  });

  it("prefers a literal to a constrained parameter, that to a parameter, and all to a wildcard, however they were added", () => {
    const routes = ["{*all}", "items/{id}", "items/{id:int}", "items/special", "items/{id}/tail"];
    const expected = [
      ["/items/special", "items/special"],
      ["/items/7", "items/{id:int}"],
      ["/items/x", "items/{id}"],
      ["/items/x/tail", "items/{id}/tail"],
      ["/items/x/other", "{*all}"],
      ["/", "{*all}"],
    ] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray(routes, { minLength: routes.length }), (shuffled) => {
        for (const [path, route] of expected) expect(find(shuffled, path)?.[0]).toBe(route);
      }),
    );
  });

  it("is found by method, so that one path may have two functions", () => {
    const table = createRouteTable<string>("api");
    table.add("thing", ["get"], "read");
    table.add("thing", ["POST"], "write");
    expect(table.find("GET", "/api/thing")?.target).toBe("read");
    expect(table.find("POST", "/api/thing")?.target).toBe("write");
    expect(table.find("PUT", "/api/thing")).toBeUndefined();
    expect(table.find("GET", "/thing")).toBeUndefined();
  });

  it.each([
    ["{id:nothing}", "not known"],
    ["{a}/{a}", "used twice"],
    ["{*a}/b", "must be the last"],
    ["{a", "braces"],
    ["a}b", "braces"],
    ["a//b", "empty segment"],
    ["{id:maxlength(x)}", "whole number"],
    ["{a}-{b?}", "whole segment"],
  ])("%s is refused", (route, why) => {
    expect(() => find([route], "/")).toThrow(why);
  });

  it("must not hide the host's own", () => {
    expect(() => find(["admin/{x}"], "/")).toThrow("conflicts");
    expect(() => find(["{x}"], "/admin")).not.toThrow();
    expect(find(["admin"], "/api/admin", "api")?.[0]).toBe("admin");
  });

  it("never throws on a path, and gives only what the path holds", () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const found = find(["{a}/{b?}", "x/{*rest}"], path);
        for (const value of Object.values(found?.[1] ?? {}))
          expect(decodeURIComponent(path)).toContain(value.replaceAll(/%2f/gi, "/"));
      }),
    );
  });
});
