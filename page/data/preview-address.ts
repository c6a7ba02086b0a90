/** What a preview is asked for: it is the address's query, so that what one person sees can be handed to another. */
export interface PreviewRequest {
  readonly last: string;
  /** "" for all of them. */
  readonly tenant: string;
  readonly connector: string;
  /** One incident alone; "" for those that changed last. */
  readonly incident: string;
}

const DEFAULT_LAST = "10";
const MOST = 200;

/** Whatever the address holds, it is a request: the server says what it does not know. */
export function previewRequestOf(search: string): PreviewRequest {
  const query = new URLSearchParams(search);
  const last = Number(query.get("last"));
  return {
    last: Number.isInteger(last) && last >= 1 && last <= MOST ? `${last}` : DEFAULT_LAST,
    tenant: query.get("tenant") ?? "",
    connector: query.get("connector") ?? "",
    incident: query.get("incident") ?? "",
  };
}

/** `last=10&connector=itsm`, the same for the page and for what it asks. */
export function previewQuery({ last, tenant, connector, incident }: PreviewRequest): string {
  const named = { ...(incident === "" ? { last } : { incident }), tenant, connector };
  return new URLSearchParams(Object.entries(named).filter(([, value]) => value !== "")).toString();
}

/** Relative, for the app may be served below a path. */
export function previewAddress(change: Partial<PreviewRequest>): string {
  return `preview?${previewQuery({ ...previewRequestOf(""), ...change })}`;
}
