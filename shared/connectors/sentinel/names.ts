import { createHash } from "node:crypto";
import type { CorrelationKey } from "../../incident/correlation-key.ts";

/** The name of the workspace's incident of an incident: the same for the same, so that it is made once however often it is asked for. */
export function incidentNameOf(key: CorrelationKey): string {
  return guidOf(["incident", key]);
}

/** The name of the task of one of the experts' actions. */
export function taskNameOf(incidentName: string, taskId: string): string {
  return guidOf(["task", incidentName, taskId]);
}

/** A GUID of version 8 (RFC 9562): made of what it names. */
function guidOf(parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
