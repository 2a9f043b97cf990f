// The browsers of a run, a process of its own: sends `count` of the `requests` (bytes) in turn
// over connections that are kept. Anything but a 204 ends it, with what was answered.

import { connect } from "node:net";

/** So many that workerd always has something to do. */
const CONNECTIONS = 8;
const YES = "HTTP/1.1 204 ";
const END = "\r\n\r\n";

process.on("message", async ({ port, requests, count }) => {
  let sent = 0;
  const next = () => (sent < count ? requests[sent++ % requests.length] : undefined);
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => converse(port, next)));
    process.send({});
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.once("disconnect", () => process.exit());

function converse(port, next) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let answered = "";
    const ask = () => {
      const request = next();
      if (request) return socket.write(request);
      socket.destroy();
      resolve();
    };
    socket.setEncoding("latin1").on("connect", ask);
    socket.on("data", (piece) => {
      answered += piece;
      // A 204 has no body.
      if (answered.startsWith(YES) && answered.endsWith(END)) {
        answered = "";
        ask();
      } else if (answered.length > YES.length && !answered.startsWith(YES)) {
        socket.destroy();
        reject(new Error(answered));
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("a connection was closed")));
  });
}
