import { onTestFinished } from "vitest";
import { type Host, type HostOptions, startHost } from "../../../local/host/start-host.ts";

export interface TestHost extends Host {
  readonly lines: readonly string[];
}

export const KEYS = { master: "the-master-key", functions: "the-function-key" } as const;

/** A host on a free port that ends with the test; `load` is where the test registers its functions. */
export async function startTestHost(options: Partial<HostOptions> & Pick<HostOptions, "load">): Promise<TestHost> {
  const lines: string[] = [];
  const host = await startHost({
    hostJson: { version: "2.0" },
    httpPort: 0,
    settings: {},
    keys: KEYS,
    authorization: "keys",
    log: (level, category, message) => {
      lines.push(`${level} ${category} ${message}`);
    },
    stopGraceMs: 1000,
    ...options,
  });
  onTestFinished(() => host.stop());
  return { ...host, lines };
}
