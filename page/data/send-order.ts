/** What an operator asks for on the page. */
export interface ParkedOrder {
  readonly operation: "replay" | "drop";
  readonly tenant: string;
  readonly incident: string;
  readonly connector: string;
  readonly reason: string;
}

const TIMEOUT_MS = 30_000;

/** Sends an order under the master key, which is kept nowhere; answers what went wrong, "" where it was taken. */
export async function sendOrder({ operation, ...order }: ParkedOrder, masterKey: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`api/operations/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-functions-key": masterKey },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return "The server cannot be reached.";
    throw error;
  }
  if (response.status === 401) return "The server refused this key. It wants the master key.";
  const { problems = [], done = 0 } = (await response.json().catch(() => ({}))) as {
    readonly problems?: readonly string[];
    readonly done?: number;
  };
  if (problems.length > 0) return problems.join("; ");
  if (!response.ok) return `The server answered with status ${response.status}.`;
  return done === 0 ? "It is not parked any more." : "";
}
