// npm run azure:secret -- NAME: puts a secret of the configuration into the vault. The value is read from standard input, never from an argument.
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { azdEnvironment } from "./azure/azd.mjs";
import { cloudEndpoints } from "./azure/az.mjs";
import { vaultOf } from "./azure/secrets.mjs";
import { orExit } from "./azure/steps.mjs";

const [name] = process.argv.slice(2);
if (name === undefined || !/^[A-Z][A-Z0-9_]*$/.test(name)) {
  console.error(
    "usage: npm run azure:secret -- NAME     (the name that dex-sync.config.json has; the value is asked for)",
  );
  process.exit(2);
}
const value = await readValue();
if (value === "") {
  console.error("no value was given; the vault is as it was");
  process.exit(1);
}
const vault = orExit(() => vaultOf(azdEnvironment(), cloudEndpoints().arm));
vault.set(name, value);
vault.refresh();
console.log(`${name}: put into the vault; the app reads it within a minute`);

function readValue() {
  if (process.stdin.isTTY) process.stderr.write(`value of ${name} (not shown): `);
  // What is typed goes nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("close", () => resolve(""));
  });
}
