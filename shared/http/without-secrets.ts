/** Headers whose values are no secrets. */
const OPEN: readonly string[] = ["accept", "content-type", "if-match", "prefer", "user-agent"];
/** Shorter than any secret: replacing it would only spoil the text. */
const SHORTEST = 6;

/** A segment of a path that is shorter is a word; what lets somebody in is longer. */
const SHORTEST_SEGMENT = 16;

/** What must not be said of a request: its credentials, in the forms a tool could say them back, the longest first. */
export function secretsOf(request: {
  readonly url?: string;
  readonly isAddressSecret?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
}): readonly string[] {
  const sent = Object.entries(request.headers ?? {})
    .filter(([name]) => !OPEN.includes(name.toLowerCase()))
    .flatMap(([, value]) => secretsIn(value));
  const address = request.isAddressSecret === true ? partsOf(request.url ?? "") : [];
  const forms = [...sent, ...address, ...(request.secrets ?? [])].flatMap(formsOf);
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

/**
 * The body of a refusal without them. JSON is looked at as what it says, for it may spell any character otherwise (`\u002b`, `\/`); so
 * is done before a message is made of it and cut.
 */
export function withoutSecrets(body: string, secrets: readonly string[]): string {
  let isFound = false;
  const clean = (text: string): string => {
    const found = secrets.filter((secret) => text.includes(secret));
    isFound ||= found.length > 0;
    return found.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  };
  try {
    const value: unknown = JSON.parse(body, (_key, part: unknown) => (typeof part === "string" ? clean(part) : part));
    return isFound ? JSON.stringify(value) : body;
  } catch (error) {
    // No JSON, or nested deeper than can be walked.
    if (error instanceof SyntaxError || error instanceof RangeError) return clean(body);
    throw error;
  }
}

const REDACTED = "[redacted]";

/** The whole value, the part behind `Basic ` or `Bearer `, and the password inside of `Basic`. */
function secretsIn(value: string): readonly string[] {
  const [scheme = "", credentials = ""] = value.split(/ +/, 2);
  if (scheme.toLowerCase() !== "basic") return [value, credentials];
  const pair = Buffer.from(credentials, "base64").toString("utf8");
  return [value, credentials, pair, pair.slice(pair.indexOf(":") + 1)];
}

/** The whole, and each part of it that could let somebody in, as it stands there and as it reads. */
function partsOf(address: string): readonly string[] {
  if (!URL.canParse(address)) return [address];
  const { href, pathname, search, searchParams } = new URL(address);
  const asWritten = search.slice(1).split("&").map((pair) => pair.slice(pair.indexOf("=") + 1)); // prettier-ignore
  const segments = pathname.split("/").filter((segment) => segment.length >= SHORTEST_SEGMENT);
  return [address, href, `${pathname}${search}`, search.slice(1), ...asWritten, ...searchParams.values(), ...segments];
}

/** As it is, and as a form or an address writes it. */
function formsOf(secret: string): readonly string[] {
  return [secret, new URLSearchParams([["", secret]]).toString().slice(1), percentEncoded(secret)];
}

function percentEncoded(secret: string): string {
  return secret.isWellFormed() ? encodeURIComponent(secret) : secret;
}
