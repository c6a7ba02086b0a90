/** The built page, put into the bundle by `scripts/build.mjs`. */
declare module "dex-sync:page" {
  const files: readonly { readonly path: string; readonly contentType: string; readonly body: string }[];
  // eslint-disable-next-line import/no-default-export -- the bundler's virtual module has one
  export default files;
}
