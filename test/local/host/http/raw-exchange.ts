import { connect } from "node:net";

/** A request exactly as written, with headers that fetch would not send; without a path it never ends its headers. */
export async function exchange(
  url: string,
  path: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), text }));
    socket.write(
      path === undefined
        ? "GET /api/take HTTP/1.1\r\nhost: x\r\n"
        : `GET ${path} HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n`,
    );
  });
}
