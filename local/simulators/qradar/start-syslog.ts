import { type AddressInfo, type Socket, createServer as createPlainServer } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import type { Authority } from "../tls/make-certificate.ts";

export interface SyslogReceiverOptions {
  /** 0 or absent for any free one. */
  readonly port?: number;
  /** Absent: without encryption. */
  readonly tls?: {
    readonly authority: Authority;
    readonly name?: string;
    readonly notAfter?: number;
    /** Who issues the client certificates that are demanded; none is where it is absent. */
    readonly clients?: Authority;
    readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  };
  readonly behaviour?: Partial<SyslogBehaviour>;
  onLine(line: string): void;
}

/** How it behaves. Change the fields at any time. */
export interface SyslogBehaviour {
  /** False: a connection that the client has ended is left open. */
  closesOnEnd: boolean;
  /** False: what comes is left where it is, until the sender can send no more. Holds for connections made from then on. */
  reads: boolean;
  /** What is longer is cut, as QRadar's maximum payload does. */
  maxPayloadBytes: number;
}

export interface SyslogReceiver {
  readonly port: number;
  readonly behaviour: SyslogBehaviour;
  /** Connections made, ever, and open now. */
  connections(): { readonly made: number; readonly open: number };
  /** Breaks every connection, and what is on its way on them. */
  breakAll(): void;
  /** The same, so that the client is told (RST), whatever it had ended already. Of connections without encryption. */
  resetAll(): void;
  close(): Promise<void>;
}

/** A collector's TLS Syslog port: lines by their ends, or by their lengths before them. */
export async function startSyslog(options: SyslogReceiverOptions): Promise<SyslogReceiver> {
  const behaviour: SyslogBehaviour = { closesOnEnd: true, reads: true, maxPayloadBytes: 4_096, ...options.behaviour };
  const sockets = new Set<Socket>();
  /** Those whose handshake failed too. */
  const raw = new Set<Socket>();
  let made = 0;
  const { tls } = options;
  const server = tls === undefined ? createPlainServer({ allowHalfOpen: true }, accept) : secureServer(tls);
  server.on("connection", (socket: Socket) => {
    raw.add(socket);
    socket.on("close", () => raw.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });

  function secureServer(given: NonNullable<typeof tls>): ReturnType<typeof createSecureServer> {
    const certificate = given.authority.issue({
      name: given.name ?? "127.0.0.1",
      ...(given.notAfter === undefined ? {} : { notAfter: given.notAfter }),
    });
    return createSecureServer(
      {
        cert: certificate,
        key: certificate,
        allowHalfOpen: true,
        maxVersion: given.maxVersion ?? "TLSv1.3",
        ...(given.clients === undefined ? {} : { ca: given.clients.pem, requestCert: true, rejectUnauthorized: true }),
      },
      accept,
    );
  }

  function accept(socket: Socket): void {
    made += 1;
    sockets.add(socket);
    let held = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    if (!behaviour.reads) socket.pause();
    else
      socket.on("data", (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        const { lines, rest } = split(held);
        held = rest;
        for (const line of lines) options.onLine(line.subarray(0, behaviour.maxPayloadBytes).toString("utf8"));
      });
    socket.on("end", () => {
      if (behaviour.closesOnEnd) socket.end();
    });
  }

  return {
    port: (server.address() as AddressInfo).port,
    behaviour,
    connections: () => ({ made, open: sockets.size }),
    breakAll() {
      for (const socket of sockets) socket.destroy();
    },
    resetAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close() {
      for (const socket of [...sockets, ...raw]) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

interface Split {
  readonly lines: readonly Buffer[];
  readonly rest: Buffer<ArrayBuffer>;
}

function split(bytes: Buffer<ArrayBuffer>): Split {
  const lines: Buffer[] = [];
  let from = 0;
  for (;;) {
    const length = /^(\d{1,6}) </.exec(bytes.subarray(from, from + 8).toString("latin1"))?.[1];
    const begin = length === undefined ? from : from + length.length + 1;
    const end = length === undefined ? bytes.indexOf("\n", from) : begin + Number(length);
    if (end === -1 || end > bytes.length) return { lines, rest: bytes.subarray(from) };
    if (end > begin) lines.push(bytes.subarray(begin, end));
    from = length === undefined ? end + 1 : end;
  }
}
