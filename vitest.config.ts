import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/**
 * Their files leave nothing behind: one process runs one after the other, and loads the product once. The rest has a process a file: the
 * host's, for the functions library is set up once a process; and what changes the environment or starts processes of its own.
 */
const SHARING = [
  ...["contract", "page", "shared"].map((folder) => `test/${folder}/**/*.test.ts`),
  "test/local/*.test.ts",
  "test/local/!(host)/**/*.test.ts",
];

export default defineConfig({
  test: {
    // Many tests wait more than they work: two at a time even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: "alone", include: ["test/**/*.test.ts"], exclude: [...configDefaults.exclude, ...SHARING] },
      },
      { extends: true, test: { name: "sharing", include: SHARING, isolate: false } },
    ],
    coverage: {
      provider: "v8",
      include: ["shared/**/*.ts", "functions/**/*.ts", "local/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
