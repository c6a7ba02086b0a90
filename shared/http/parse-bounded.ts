/** Deeper than anything that is sent to us on purpose. */
const MAX_DEPTH = 32;

/** JSON from outside, in UTF-8; undefined where it is none, or nested too deep. Its keys may be named like anything, `__proto__` included. */
export function parseBounded(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return isShallow(text) ? { value: JSON.parse(text) as unknown } : undefined;
  } catch (error) {
    // A byte that is no UTF-8, or text that is no JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Counts brackets outside of strings: before parsing, so that no depth is ever built. */
function isShallow(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") {
      depth += 1;
      if (depth > MAX_DEPTH) return false;
    } else if (character === "]" || character === "}") depth -= 1;
  }
  return true;
}
