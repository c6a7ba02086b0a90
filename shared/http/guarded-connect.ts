import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { buildConnector } from "undici";
import { PermanentError } from "../errors.ts";

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface GuardedConnect {
  readonly connect: buildConnector.connector;
  /** The failure came before a connection stood: nothing of the request was sent. */
  isFromConnecting(error: Error): boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects to allowed addresses alone. What a name resolves to is checked here, and handed to the socket: there is no second look-up. */
export function createGuardedConnect(options: {
  readonly build: typeof buildConnector;
  readonly resolve: Resolve;
  readonly isAllowed: (address: string) => boolean;
  /** By host: PEM of the one authority that is trusted for it. */
  readonly authorities: Readonly<Record<string, string>>;
}): GuardedConnect {
  const failures = new WeakSet<Error>();
  const lookup = guardedLookup(options.resolve, options.isAllowed);
  const connectPublic = options.build({ timeout: CONNECT_TIMEOUT_MS, lookup });
  const connectPrivate = new Map(
    Object.entries(options.authorities).map(([host, ca]) => [
      host,
      options.build({ timeout: CONNECT_TIMEOUT_MS, lookup, ca }),
    ]),
  );
  return {
    connect(target, callback) {
      const connect = connectPrivate.get(target.hostname) ?? connectPublic;
      connect(target, (...result) => {
        if (result[0] !== null) failures.add(result[0]);
        callback(...result);
      });
    },
    isFromConnecting: (error) => failures.has(error),
  };
}

/** Code of the failure of a name that leads to no allowed address. */
export const EGRESS_REFUSED = "EGRESS_REFUSED";

export function refusedAddress(what: string): PermanentError {
  const mend = "if this is meant, name its range in network.allowPrivate";
  // Said in the message too: what waits for it shows only that.
  return new PermanentError("misconfigured", `${what} was not sent: the address is not public; ${mend}`, { mend });
}

export function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** For a socket: the addresses of a name that may be connected to, and no others. */
export function guardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (host, lookupOptions, callback) => {
    resolve(host).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => isAllowed(address));
        const [first] = allowed;
        if (first === undefined)
          callback(Object.assign(new Error(`${host} has no allowed address`), { code: EGRESS_REFUSED }), []);
        else if (lookupOptions.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}
