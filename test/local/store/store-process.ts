import { openLmdbTables } from "../../../local/store/lmdb-tables.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";

/**
 * A process around the embedded store, for tests of what outlives it. `hold`: opens and waits. `open`: opens and closes, as the user
 * named. `write`: writes until it is killed, a line on stdout for each acknowledged write.
 */
const [mode, path, userId] = process.argv.slice(2);
if (path === undefined) throw new Error("no folder named");
// Rights do not bind root.
if (userId !== undefined) process.seteuid?.(Number(userId));

try {
  const store = await openLmdbTables({ path });
  process.stdout.write("open\n");
  if (mode === "open") await store.close();
  if (mode === "hold") setInterval(() => undefined, 60_000);
  if (mode === "write")
    await Promise.all(Array.from({ length: 16 }, (_, writer) => writeForEver(store.tables.incident, writer)));
} catch (error) {
  const { name, reason, message, mend } = error as Record<string, unknown>;
  process.stdout.write(`${JSON.stringify({ name, reason, message, mend })}\n`);
}

async function writeForEver(table: Table, writer: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const etag = await table.put(`writer:${writer}`, "count", { n }, "any");
    process.stdout.write(`put ${writer} ${n} ${etag}\n`);
    await table.batch(`writer:${writer}`, [
      { kind: "put", row: `a:${n}`, value: { n, text: "x".repeat(n % 3_000) }, condition: "absent" },
      { kind: "put", row: `b:${n}`, value: n, condition: "absent" },
    ]);
    process.stdout.write(`batch ${writer} ${n} -\n`);
  }
}
