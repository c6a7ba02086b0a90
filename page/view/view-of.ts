export type View = "overview" | "preview" | "operations";

/** All are one page; its address says which of them is shown. */
export function viewOf(pathname: string): View {
  const [last] = pathname.split("/").slice(-1);
  return last === "preview" || last === "operations" ? last : "overview";
}
