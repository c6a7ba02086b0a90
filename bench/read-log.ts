import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** One decision of the product's log. */
export interface LogLine {
  readonly at: string;
  readonly message: string;
  readonly tenantId?: string;
  readonly connector?: string;
  readonly outcome?: string;
  readonly lateMs?: number;
  readonly requests?: number;
  readonly changes?: number;
}

export async function readLog(file: string): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) lines.push(JSON.parse(line) as LogLine);
  return lines;
}
