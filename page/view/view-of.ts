export type View = "overview" | "preview";

/** Both are one page; its address says which of them is shown. */
export function viewOf(pathname: string): View {
  return pathname.endsWith("/preview") ? "preview" : "overview";
}
