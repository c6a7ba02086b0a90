/** Headers whose values are no secrets. */
const OPEN: readonly string[] = ["accept", "content-type", "if-match", "prefer", "user-agent"];
/** Shorter than any secret: replacing it would only spoil the text. */
const SHORTEST = 6;

/** A tool may say back what it was sent: nothing of the request's credentials is left in the text. */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .filter(([name]) => !OPEN.includes(name.toLowerCase()))
    .flatMap(([, value]) => secretsIn(value))
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
}

/** The whole value, the part behind `Basic ` or `Bearer `, and the password inside of `Basic`. */
function secretsIn(value: string): readonly string[] {
  const [scheme = "", credentials = ""] = value.split(/ +/, 2);
  if (scheme.toLowerCase() !== "basic") return [value, credentials];
  const pair = Buffer.from(credentials, "base64").toString("utf8");
  return [value, credentials, pair, pair.slice(pair.indexOf(":") + 1)];
}
