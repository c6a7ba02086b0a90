import { createRequire } from "node:module";
import { join } from "node:path";

/** The bundle and host.json lie beside package.json: in the folder above that of the command's own bundle. */
export function appFile(name: string): string {
  return join(__dirname, "..", name);
}

/** Loads what Azure would load: the file that package.json's `main` names. */
export function loadBundle(): unknown {
  return createRequire(__filename)(appFile("dist/functions.cjs"));
}
