import { isLoopbackUrl } from "./loopback-url.ts";

/** Where Graph is to ring for a tenant, or why it cannot. */
export type BellAddress =
  | { readonly notificationUrl: string; readonly reason: "" }
  | { readonly notificationUrl: undefined; readonly reason: string };

const PATH = "/api/doorbell/graph";

/** What rings goes to an https address; to plain http only where both ends are on this machine. */
export function bellAddress(publicUrl: string | undefined, graphUrl: string): BellAddress {
  if (publicUrl === undefined) {
    return no("no public address of this app is known; set doorbells.publicUrl");
  }
  const isSecure = publicUrl.startsWith("https:");
  if (!isSecure && !isLoopbackUrl(graphUrl)) {
    return no("this app's address is not https, and Graph is not on this machine; set doorbells.publicUrl");
  }
  return { notificationUrl: `${publicUrl}${PATH}`, reason: "" };
}

function no(reason: string): BellAddress {
  return { notificationUrl: undefined, reason };
}
