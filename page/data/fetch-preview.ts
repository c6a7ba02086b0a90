import type { Preview } from "../../shared/pipeline/preview/previewed.ts";
import { type PreviewRequest, previewQuery } from "./preview-address.ts";

export type PreviewAnswer = { readonly preview: Preview } | { readonly problem: string };

/** It looks at tools, which takes its time. */
const TIMEOUT_MS = 60_000;

/** Asks what would be written. Nothing is written by it. */
export async function fetchPreview(request: PreviewRequest, functionKey: string): Promise<PreviewAnswer> {
  let response: Response;
  try {
    response = await fetch(`api/preview?${previewQuery(request)}`, {
      headers: { accept: "application/json", ...(functionKey === "" ? {} : { "x-functions-key": functionKey }) },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException)
      return { problem: "The server cannot be reached, or did not answer in time." };
    throw error;
  }
  if (response.status === 401) return { problem: "The server refused the function key." };
  const answered = (await response.json().catch(() => ({}))) as Partial<Preview>;
  if (response.ok && Array.isArray(answered.incidents)) return { preview: answered as Preview };
  const problems = answered.problems ?? [];
  return { problem: problems.length > 0 ? problems.join("; ") : `The server answered with status ${response.status}.` };
}
