/** What an operator's order says; undefined where it is no JSON, so that its schema refuses it. */
export function parseOrder(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
