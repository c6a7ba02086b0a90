import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Azurite {
  readonly connectionString: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** The emulator's well-known account: published in its documentation, and of use on this machine only. */
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** The table service of the emulator found in this folder's `node_modules`, in memory, as a process of its own. */
export async function startAzurite(folder: string): Promise<Azurite> {
  const port = await freePort();
  const script = join(folder, "node_modules", "azurite", "dist", "src", "table", "main.js");
  const options = [
    "--inMemoryPersistence",
    "--tableHost",
    "127.0.0.1",
    "--silent",
    "--skipApiVersionCheck",
    "--disableTelemetry",
  ];
  const child = spawn(process.execPath, [script, ...options, "--tablePort", `${port}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}/${ACCOUNT}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`Azurite in ${folder} ended with code ${child.exitCode}`);
    await sleep(50);
  }
  return {
    url,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};TableEndpoint=${url};`,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
