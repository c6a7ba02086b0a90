/**
 * The address a link may have, or undefined where the text must stay text: only https, and http to this machine (simulators).
 * A user name in an address ("https://security.microsoft.com@evil.example") only ever misleads, so it is refused.
 */
export function safeUrl(raw: string): string | undefined {
  if (!URL.canParse(raw)) return undefined;
  const url = new URL(raw);
  if (url.username !== "" || url.password !== "") return undefined;
  if (url.protocol === "https:") return url.href;
  return url.protocol === "http:" && isLoopback(url.hostname) ? url.href : undefined;
}

/** The URL parser has already brought every spelling of an IPv4 or IPv6 address into one form. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
