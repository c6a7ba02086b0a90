import { firstLine, isDenied } from "./az.mjs";

/** Steps of which one that fails does not undo or hold up the rest: what is left to somebody else is said, with the command. */
export function createSteps(again) {
  let failed = 0;
  /** True where it was done. */
  const step = async (what, whoCan, run) => {
    try {
      await run();
      return true;
    } catch (error) {
      failed += 1;
      console.warn(`WARNING: ${what}: ${firstLine(error)}`);
      console.warn(`  ${isDenied(error) ? `${whoCan}: ` : ""}${again}`);
      return false;
    }
  };
  const leave = () => {
    failed += 1;
  };
  return { step, leave, left: () => failed };
}

/** What a command cannot begin without; where it is not to be had, that is said in a line, and nothing was done. */
export function orExit(read) {
  try {
    return read();
  } catch (error) {
    console.error(`dex-sync: nothing was done: ${firstLine(error)}`);
    process.exit(1);
  }
}
