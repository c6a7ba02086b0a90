import { describe, expect, it } from "vitest";
import { createEgressGuard } from "../../../shared/http/egress-guard.ts";

const REFUSED = [
  ["this network", ["0.0.0.0", "0.1.2.3", "0.255.255.255"]],
  ["private 10/8", ["10.0.0.0", "10.1.2.3", "10.255.255.255"]],
  ["carrier-grade NAT", ["100.64.0.0", "100.100.100.200", "100.127.255.255"]],
  ["loopback", ["127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"]],
  ["the platform's address on Azure", ["168.63.129.16"]],
  [
    "link-local and metadata",
    ["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1"],
  ],
  ["private 172.16/12", ["172.16.0.0", "172.31.255.255"]],
  ["protocol assignments", ["192.0.0.1", "192.0.0.192", "2001::1", "2001:20::1", "2001:1ff:ffff::1"]],
  ["documentation", ["192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1", "3fff:fff::1"]],
  ["6to4 and its relays", ["192.88.99.1", "2002::1", "2002:7f00:1::"]],
  ["private 192.168/16", ["192.168.0.0", "192.168.255.255"]],
  ["benchmarks", ["198.18.0.0", "198.19.255.255"]],
  ["multicast", ["224.0.0.1", "239.255.255.255", "ff00::", "ff02::1"]],
  ["reserved and broadcast", ["240.0.0.1", "255.255.255.255", "4000::1", "8000::1", "fec0::1", "e000::1"]],
  ["unspecified", ["::", "0:0:0:0:0:0:0:0"]],
  ["IPv4-compatible", ["::127.0.0.1", "::8.8.8.8"]],
  [
    "IPv4-mapped",
    ["::ffff:127.0.0.1", "::FFFF:10.0.0.1", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:7f00:1", "0000:0000::ffff:192.168.1.1"],
  ],
  ["IPv4-translated", ["::ffff:0:127.0.0.1", "::ffff:0:7f00:1"]],
  ["NAT64", ["64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"]],
  ["discard", ["100::1"]],
  ["unique local", ["fc00::1", "fd00:ec2::254", "fdff::1"]],
  ["SRv6", ["5f00::1"]],
  ["in brackets", ["[::1]", "[::ffff:127.0.0.1]"]],
  [
    "no address",
    [
      "",
      "localhost",
      "example.com",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "1.2.3.4.5",
      "1.2.3",
      "::g",
      "10.0.0.1/8",
    ],
  ],
] as const;

const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "168.63.129.15",
  "168.63.129.17",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "191.255.255.255",
  "192.0.1.0",
  "192.0.3.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "::ffff:8.8.8.8",
  "2001:200::1",
  "2001:4860:4860::8888",
  "2003::1",
  "2606:4700::1111",
  "3ffe::1",
];

describe("egress guard", () => {
  const guard = createEgressGuard([]);

  it.each(REFUSED.flatMap(([what, addresses]) => addresses.map((address) => [what, address] as const)))(
    "%s is refused: %s",
    (_what, address) => {
      expect(guard.isAllowed(address)).toBe(false);
      expect(guard.isExcepted(address)).toBe(false);
    },
  );

  it.each(PUBLIC)("%s is public", (address) => {
    expect(guard.isAllowed(address)).toBe(true);
    expect(guard.isExcepted(address)).toBe(false);
  });

  it("lets through the ranges named, and no more", () => {
    const named = createEgressGuard(["10.1.0.0/16", "192.168.7.9/32", "fd12:3456::/32", "::1/128"]);
    const inside = [
      "10.1.0.0",
      "10.1.255.255",
      "::ffff:10.1.2.3",
      "192.168.7.9",
      "fd12:3456::9",
      "::1",
      "[::1]",
      "0:0::1",
    ];
    const outside = ["10.0.255.255", "10.2.0.0", "192.168.7.8", "fd12:3457::1", "127.0.0.1", "::2"];
    expect(inside.filter((address) => !named.isExcepted(address) || !named.isAllowed(address))).toEqual([]);
    expect(outside.filter((address) => named.isExcepted(address) || named.isAllowed(address))).toEqual([]);
    expect([named.isAllowed("8.8.8.8"), named.isExcepted("8.8.8.8")]).toEqual([true, false]);
  });

  it.each(["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/", "all", ""])(
    "refuses the range %j",
    (cidr) => {
      expect(() => createEgressGuard([cidr])).toThrow(
        expect.objectContaining({ name: "PermanentError", reason: "misconfigured" }),
      );
    },
  );
});
