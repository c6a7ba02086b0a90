const NOT_TRUSTED =
  "its certificate is not signed by an authority that is known here; where it is a private one, name it in the configuration (ca)";
const REFUSED =
  "the other side does not take our client certificate; check that it is set, that it has not expired, and that its authority is trusted there";
const NO_TLS = "what answers there does not speak TLS; check the port";

/** Codes of Node and OpenSSL. */
const PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  CERT_UNTRUSTED: NOT_TRUSTED,
  INVALID_CA: NOT_TRUSTED,
  INVALID_PURPOSE: NOT_TRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another name; use the name of the certificate in the address, or have one issued for this name",
  HOSTNAME_MISMATCH:
    "its certificate is for another name; use the name of the certificate in the address, or have one issued for this name",
  CERT_HAS_EXPIRED: "its certificate has expired; renew it there",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; check it, and the clocks of both machines",
  CERT_REVOKED: "its certificate was revoked; renew it there",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    "the other side wants a client certificate; name one in the configuration (syslog.certificate)",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: REFUSED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: REFUSED,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: REFUSED,
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: REFUSED,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "the two sides have no version of TLS in common; 1.2 or newer is spoken here",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "the two sides have no version of TLS in common; 1.2 or newer is spoken here",
};

/** What is wrong with a certificate or a handshake, and the mend; undefined for any other failure. */
export function certificateProblem(code: string): string | undefined {
  const problem = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined;
  return problem === undefined ? undefined : `${problem} (${code})`;
}
