import type { Config } from "../shared/config/config.ts";
import type { Running } from "./runtime.ts";

/** The product as it runs in this process. */
export interface Started {
  readonly running: Running;
  readonly config: Config;
  readonly configFile: string;
  readonly dataFolder: string;
  readonly isDemo: boolean;
  readonly demoLines: readonly string[];
}
