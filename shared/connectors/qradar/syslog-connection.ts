import { type Socket, connect as connectPlain, isIP } from "node:net";
import { type SecureContext, type TLSSocket, connect as connectSecure, createSecureContext } from "node:tls";
import { PermanentError, RetryableError } from "../../errors.ts";
import { startDeadline } from "../../http/request-deadline.ts";
import { EGRESS_REFUSED, type Resolve, guardedLookup, refusedAddress } from "../../http/guarded-connect.ts";
import { transportError } from "../../http/transport-error.ts";

/** Where lines of syslog go. */
export interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  /** Absent: no encryption. PEM; of `certificate` the private key too. */
  readonly tls?: { readonly authority?: string | undefined; readonly certificate?: string | undefined };
  readonly resolve: Resolve;
  /** Decides by address. */
  readonly isAllowed: (address: string) => boolean;
}

export interface SyslogConnection {
  /** Ends when the system has taken it; whether the receiver has, no answer says. */
  write(frame: string, signal: AbortSignal): Promise<void>;
  /**
   * "confirmed": the receiver read to the end and closed after us, so it has all that was written. "silent": it never closed. "broken": it did
   * not end well, or not all that was written had left this machine's program when the time was over.
   */
  end(timeoutMs?: number): Promise<EndOfConnection>;
  /** It ended, and not by us. */
  readonly broken: Promise<void>;
}

export type EndOfConnection = "confirmed" | "silent" | "broken";

const CONNECT_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 5_000;
/** In TLS 1.3 a client certificate is refused after the client's handshake has ended: what is written before would be lost. */
const REFUSAL_MS = 300;

export async function openSyslog(target: SyslogTarget, signal: AbortSignal): Promise<SyslogConnection> {
  const what = `syslog to ${target.host}:${target.port}`;
  if (signal.aborted) throw new RetryableError("timeout", `${what} was not sent: no time was left`);
  if (isIP(target.host) !== 0 && !target.isAllowed(target.host)) throw refusedAddress(what);
  const socket = openSocket(target, what);
  const deadline = startDeadline(CONNECT_TIMEOUT_MS, signal);
  const failed = failureOf(socket);
  try {
    await Promise.race([connected(socket), failed, deadline.passed]);
  } catch (error) {
    socket.destroy();
    if (codeOf(error) === EGRESS_REFUSED) throw refusedAddress(what);
    if (isCutOff(error) && target.tls !== undefined) throw closedAtHandshake(what, error);
    throw transportError(error, {
      what,
      mayHaveHappened: false,
      isAborted: deadline.signal.aborted,
      isAnswered: false,
    });
  } finally {
    deadline.end();
  }
  return connectionOver(socket, what, failed);
}

class ClosedError extends Error {}

function isCutOff(error: unknown): boolean {
  return error instanceof ClosedError || codeOf(error) === "ECONNRESET";
}

function closedAtHandshake(what: string, cause: unknown): RetryableError {
  return new RetryableError(
    "unavailable",
    `${what} was not sent: the receiver closed the connection when encryption had just begun; check the port, and whether it takes our client certificate (syslog.certificate)`,
    { cause },
  );
}

function openSocket({ host, port, tls, resolve, isAllowed }: SyslogTarget, what: string): Socket {
  const lookup = guardedLookup(resolve, isAllowed);
  if (tls === undefined) return connectPlain({ host, port, lookup });
  const secureContext = contextOf(tls, what);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectSecure({ host, port, lookup, secureContext, ...servername, rejectUnauthorized: true });
}

function contextOf({ authority, certificate }: NonNullable<SyslogTarget["tls"]>, what: string): SecureContext {
  try {
    return createSecureContext({
      minVersion: "TLSv1.2",
      ...(authority === undefined ? {} : { ca: authority }),
      ...(certificate === undefined ? {} : { cert: certificate, key: certificate }),
    });
  } catch {
    // The cause is left out: it could repeat a part of a key.
    throw new PermanentError("misconfigured", `${what} was not sent: a certificate or its key cannot be read`, {
      mend: "put PEM into the variables named by ca and syslog.certificate; the latter holds the certificate and its private key, without a passphrase",
    });
  }
}

async function connected(socket: Socket): Promise<void> {
  if (!isSecure(socket)) return once(socket, "connect");
  const session = once(socket, "session");
  await once(socket, "secureConnect");
  if (socket.getProtocol() !== "TLSv1.3") return;
  await Promise.race([session, after(REFUSAL_MS)]);
  // A session is told of in the middle of reading: what is written there and then is garbled (Node 20).
  await after(0);
}

function connectionOver(socket: Socket, what: string, failed: Promise<never>): SyslogConnection {
  let isEnding = false;
  let isAnswered = false;
  const closed = new Promise<boolean>((resolve) => socket.once("close", (hadError) => resolve(hadError)));
  // Nothing is expected from there, but without reading its end is not seen.
  socket.resume();
  socket.once("end", () => {
    isAnswered = isEnding;
  });
  const broken = new Promise<void>((resolve) => {
    closed.then(
      () => {
        if (!isEnding) resolve();
      },
      () => resolve(),
    );
  });

  return {
    broken,
    async write(frame, signal) {
      const deadline = startDeadline(WRITE_TIMEOUT_MS, signal);
      try {
        if (socket.destroyed || isEnding) throw new Error("the connection has ended");
        await Promise.race([written(socket, frame), failed, deadline.passed]);
      } catch (error) {
        socket.destroy();
        const isAborted = deadline.signal.aborted;
        throw transportError(error, { what, mayHaveHappened: true, isAborted, isAnswered: false });
      } finally {
        deadline.end();
      }
    },
    async end(timeoutMs = END_TIMEOUT_MS) {
      if (socket.destroyed) return "broken";
      isEnding = true;
      socket.end();
      const timer = setTimeout(() => socket.destroy(), timeoutMs);
      const hadError = await closed;
      clearTimeout(timer);
      if (hadError || !socket.writableFinished) return "broken";
      return isAnswered ? "confirmed" : "silent";
    },
  };
}

function written(socket: Socket, frame: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(frame, "utf8", (error) => {
      // What was still under way when the socket was destroyed is called back without an error.
      if (socket.destroyed) reject(error ?? new ClosedError("the connection was closed"));
      else if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/** Rejects with the first failure, or the end, of the connection. */
function failureOf(socket: Socket): Promise<never> {
  const failed = new Promise<never>((_resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new ClosedError("the connection was closed")));
  });
  // Looked at only while something is under way.
  failed.catch(() => undefined);
  return failed;
}

function once(socket: Socket, event: "connect" | "secureConnect" | "session"): Promise<void> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve());
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function isSecure(socket: Socket): socket is TLSSocket {
  return "getProtocol" in socket;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
