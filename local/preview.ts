import { operatePreview } from "../shared/pipeline/operate/operate-preview.ts";
import type { Preview } from "../shared/pipeline/preview/previewed.ts";
import { type Place, callProduct, exitCodeOf } from "./operations-client.ts";
import { previewText } from "./preview-text.ts";
import { askReadOnly, placeThatFollows } from "./read-only-product.ts";
import { type StartOptions, orSayWhy } from "./start.ts";

export interface PreviewOptions {
  readonly last: string;
  readonly tenant: string | undefined;
  readonly connector: string | undefined;
  readonly isJson: boolean;
  readonly remote: Place | undefined;
}

/** This process. */
const HERE: Place = { url: "", key: "" };

/**
 * Asks the product that runs elsewhere or on this data folder; where none runs, or it follows another configuration than the one named,
 * the state is opened to be read. Nothing is written either way. Answers the exit code.
 */
export function preview(options: PreviewOptions, start: StartOptions): Promise<number> {
  const { last, tenant, connector } = options;
  const named: Readonly<Record<string, string>> = {
    last,
    ...(tenant === undefined ? {} : { tenant }),
    ...(connector === undefined ? {} : { connector }),
  };
  return orSayWhy(async () => {
    const place = options.remote ?? (await placeThatFollows(start));
    const answer =
      place === undefined
        ? await askReadOnly(start, (composed) => operatePreview(composed, (name) => named[name] ?? null))
        : await callProduct(place, "GET", `preview?${new URLSearchParams(named)}`);
    const code = exitCodeOf("preview", place ?? HERE, answer);
    if (code !== undefined) return code;
    const seen = answer?.body as unknown as Preview;
    console.log(options.isJson ? JSON.stringify(seen) : previewText(seen));
    return seen.problems.length === 0 && seen.left === 0 ? 0 : 1;
  });
}
