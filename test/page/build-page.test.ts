import { describe, expect, it } from "vitest";
import { buildPage } from "../../scripts/build-page.mjs";

describe("buildPage", () => {
  it("refers to every file by a name that holds its content's hash, and to nothing else", async () => {
    const { files } = await buildPage();
    const [index, ...assets] = files;
    expect(index).toMatchObject({ path: "index.html", contentType: "text/html; charset=utf-8" });
    expect(assets.map((file) => file.path.replace(/-[0-9a-f]{12}\./, "-#."))).toEqual([
      "app-#.js",
      "app-#.css",
      "favicon-#.svg",
    ]);
    const html = String(index?.body);
    const referred = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(referred)).toEqual(new Set(assets.map((file) => `page/${file.path}`)));
  });

  it("has no inline script or style and builds the same twice", async () => {
    const [first, second] = await Promise.all([buildPage(), buildPage()]);
    expect(second).toEqual(first);
    const html = String(first.files[0]?.body);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });
});
