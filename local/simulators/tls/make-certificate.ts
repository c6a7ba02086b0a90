import { type KeyObject, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { SEQUENCE, SET, bitString, der, integer, objectId, octetString, time, utf8, yes } from "./der.ts";

export interface Authority {
  /** PEM of its certificate: what trusts those it issues. */
  readonly pem: string;
  issue(options: IssueOptions): string;
}

export interface IssueOptions {
  /** Host name or address, of a server; any name of a client. */
  readonly name: string;
  /** Milliseconds since 1970; a day from now where absent. */
  readonly notAfter?: number;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = der(SEQUENCE, objectId("1.2.840.10045.4.3.2"));

/** A private certificate authority that lives as long as its process: what a test or a simulator needs to speak TLS. Source: RFC 5280. */
export function makeAuthority(name = "simulated authority"): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, key: keys.privateKey };
  const isAuthority = extension("2.5.29.19", der(SEQUENCE, yes()));
  return {
    pem: certificate({ issuer, subject: name, publicKey: keys.publicKey, extensions: [isAuthority] }),
    issue(options) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const extensions = [extension("2.5.29.17", der(SEQUENCE, alternativeName(options.name)))];
      const notAfter = options.notAfter === undefined ? {} : { notAfter: options.notAfter };
      const pem = certificate({ issuer, subject: options.name, publicKey: own.publicKey, extensions, ...notAfter });
      return `${pem}${own.privateKey.export({ type: "pkcs8", format: "pem" }).toString()}`;
    },
  };
}

function certificate(options: {
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notAfter?: number;
}): string {
  const notAfter = options.notAfter ?? Date.now() + DAY_MS;
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    commonName(options.issuer.name),
    der(SEQUENCE, time(Math.min(Date.now(), notAfter) - DAY_MS), time(notAfter)),
    commonName(options.subject),
    options.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, ...options.extensions)),
  );
  const signature = sign("sha256", toBeSigned, options.issuer.key);
  const base64 = der(SEQUENCE, toBeSigned, ECDSA_WITH_SHA256, bitString(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function commonName(name: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, objectId("2.5.4.3"), utf8(name))));
}

function extension(id: string, value: Buffer): Buffer {
  return der(SEQUENCE, objectId(id), octetString(value));
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 4 ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}
