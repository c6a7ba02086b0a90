export interface PageFile {
  /** `index.html` for `/`; the others for `/page/<path>`, with their content's hash in the name. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

export function buildPage(options?: {
  readonly minify?: boolean;
}): Promise<{ readonly files: PageFile[]; readonly inputs: string[] }>;
