import { describe, expect, it } from "vitest";
import { previewAddress, previewQuery, previewRequestOf } from "../../page/data/preview-address.ts";

describe("the address of a preview", () => {
  it.each([
    ["", "last=10"],
    ["?last=25&connector=itsm", "last=25&connector=itsm"],
    ["?last=0", "last=10"],
    ["?last=201", "last=10"],
    ["?last=1e9", "last=10"],
    ["?last=many&tenant=a%20b", "last=10&tenant=a+b"],
    ["?incident=5033&tenant=t&last=50", "incident=5033&tenant=t"],
  ])("%s asks for %s", (search, query) => {
    expect(previewQuery(previewRequestOf(search))).toBe(query);
  });

  it("holds whatever an incident is called", () => {
    const address = previewAddress({ incident: "1&connector=other", tenant: "t" });
    expect(address).toBe("preview?incident=1%26connector%3Dother&tenant=t");
    expect(previewRequestOf(new URL(address, "http://localhost/").search)).toMatchObject({
      incident: "1&connector=other",
      connector: "",
    });
  });
});
