import type { FieldRule } from "../connector.ts";
import type { SentinelMode } from "./mapping.ts";

const COMPARED = "Sentinel's own Defender connector writes it; compared, and shown where it differs";

/** Who wins which field of a twin. */
export function fieldRules(mode: SentinelMode): readonly FieldRule[] {
  const isTagging = mode === "tag";
  return [
    isTagging
      ? {
          field: "tags",
          wins: "ours",
          from: "`dex:` labels alone: put back where they are missing, taken away when they no longer hold",
        }
      : { field: "tags", wins: "never", from: "mode observe writes nothing" },
    isTagging
      ? { field: "comments", wins: "added", from: "each comment of the incident, once" }
      : { field: "comments", wins: "never", from: "mode observe writes nothing" },
    { field: "status", wins: "never", from: COMPARED },
    { field: "classification", wins: "never", from: COMPARED },
    { field: "classificationReason", wins: "never", from: COMPARED },
    { field: "owner", wins: "never", from: COMPARED },
    { field: "awaitingTag", wins: "never", from: `the label \`Awaiting Customer Action\`: ${COMPARED}` },
    { field: "title, severity, description", wins: "never", from: "Sentinel's own Defender connector's" },
    { field: "other labels, tasks, relations", wins: "person", from: "nothing is sent for them" },
  ];
}
