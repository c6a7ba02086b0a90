import { BlockList, isIP } from "node:net";
import { PermanentError } from "../errors.ts";

type Range = readonly [cidr: string, what: string];

/** Addresses that are nobody's public server. Sources: IANA special-purpose address registries (IPv4 and IPv6). */
const REFUSED: readonly Range[] = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["168.63.129.16/32", "Azure's platform address: certificates and settings of the machine"],
  ["169.254.0.0/16", "link-local, and the clouds' metadata"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "protocol assignments"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relays"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarks"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved, and broadcast"],
  // Public unicast is 2000::/3 alone; the next three are the rest.
  ["::/3", "unspecified, loopback, IPv4 in IPv6, NAT64, discard"],
  ["4000::/2", "reserved, and SRv6"],
  ["8000::/1", "reserved, unique local, link-local, site-local, multicast"],
  ["2001::/23", "protocol assignments, and Teredo"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
];

const REFUSED_RANGES = rangesOf(REFUSED.map(([cidr]) => cidr));

export interface EgressGuard {
  /** May be connected to: public, or inside a range that the configuration lets through. */
  isAllowed(address: string): boolean;
  /** Inside a range that the configuration lets through: only there plain http is spoken. */
  isExcepted(address: string): boolean;
}

/** Decides by address, never by name: what a name resolves to is checked, and exactly that is connected to. */
export function createEgressGuard(allowPrivate: readonly string[]): EgressGuard {
  const excepted = rangesOf(allowPrivate);
  return {
    isAllowed: remembered((address) => {
      const canonical = canonicalAddress(address);
      return canonical !== undefined && (contains(excepted, canonical) || !contains(REFUSED_RANGES, canonical));
    }),
    isExcepted: remembered((address) => {
      const canonical = canonicalAddress(address);
      return canonical !== undefined && contains(excepted, canonical);
    }),
  };
}

const ANSWERS_KEPT = 1_000;

/** The same few addresses are asked about with each request, and the answer never changes. */
function remembered(decide: (address: string) => boolean): (address: string) => boolean {
  const answers = new Map<string, boolean>();
  return (address) => {
    let answer = answers.get(address);
    if (answer !== undefined) return answer;
    answer = decide(address);
    if (answers.size >= ANSWERS_KEPT) answers.clear();
    answers.set(address, answer);
    return answer;
  };
}

/** A list each: a list of both takes IPv4 for `::ffff:0:0/96` and finds it in ranges of IPv6. */
interface Ranges {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

function rangesOf(cidrs: readonly string[]): Ranges {
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const cidr of cidrs) {
    const [address = "", prefix = "", ...more] = cidr.split("/");
    const family = isIP(address);
    const isRange = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
    if (family === 0 || !isRange || more.length > 0) {
      throw new PermanentError("misconfigured", `"${cidr}" is no range of addresses`, {
        mend: "name ranges in network.allowPrivate like 10.0.0.0/8",
      });
    }
    if (family === 4) ranges.ipv4.addSubnet(address, Number(prefix), "ipv4");
    else ranges.ipv6.addSubnet(address, Number(prefix), "ipv6");
  }
  return ranges;
}

function contains(ranges: Ranges, address: string): boolean {
  return isIP(address) === 4 ? ranges.ipv4.check(address, "ipv4") : ranges.ipv6.check(address, "ipv6");
}

/** One spelling for each address, and IPv4 for IPv4 in IPv6; undefined where it is no address. */
function canonicalAddress(address: string): string | undefined {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return bare;
  const spelled = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(spelled);
  if (mapped === null) return spelled;
  const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
