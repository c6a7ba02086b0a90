export interface Demo {
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
  play(): void;
  stop(): Promise<void>;
}

export function startDemo(_dataFolder: string): Promise<Demo> {
  return Promise.reject(new Error("not there yet"));
}
