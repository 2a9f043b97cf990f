// A backend that checks signatures as the real one does, keeps what it took,
// and can be told to fail.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/** Starts it with the forwarding keys, {name: hex}. */
export async function startBackend(keys) {
  const backend = { taken: [], answer: { status: 202 }, waiting: undefined };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    await backend.waiting;
    const signed = request.url === "/v1/ingest" && verify(keys, request.headers, body);
    const { status, headers } = signed ? backend.answer : { status: 401 };
    if (status === 202) backend.taken.push(...split(body).map(readEnvelope));
    response.writeHead(status, headers).end();
  });
  const listen = (port) => new Promise((done) => server.listen(port, "127.0.0.1", done));
  await listen(0);
  const { port } = server.address();
  return Object.assign(backend, {
    url: `http://127.0.0.1:${port}`,
    /** Takes what came since it was last asked. */
    take: () => backend.taken.splice(0),
    up: () => listen(port),
    down: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  });
}

function verify(keys, headers, body) {
  const key = keys[headers["crumb-key"]];
  const time = BigInt(headers["crumb-time"]);
  if (!key || headers["content-type"] !== "application/octet-stream") return false;
  if (Math.abs(Date.now() - Number(time)) > 5 * 60 * 1000) return false;
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(time);
  const mac = createHmac("sha256", Buffer.from(key, "hex")).update(stamp).update(body).digest();
  return timingSafeEqual(mac, Buffer.from(headers["crumb-signature"], "hex"));
}

function split(body) {
  const envelopes = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUInt32BE(at);
    envelopes.push(body.subarray(at + 4, end));
    at = end;
  }
  return envelopes;
}

/** The stamp's first fields and the sealed batch (protocol/src/envelope.rs). */
function readEnvelope(bytes) {
  if (bytes.toString("latin1", 0, 3) !== "CE\x01") throw new Error("no envelope of version 1");
  let at = 3;
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const text = () => {
    const length = Number(number());
    return bytes.toString("utf8", at, (at += length));
  };
  const visitor = number();
  const [received, sent] = [Number(number()), Number(number())];
  const place = { country: text(), region: text(), city: text() };
  const agent = { device: text(), browser: text(), os: text(), bot: bytes[at++] === 1 };
  return { visitor, received, sent, place, agent, batch: bytes.subarray(at) };
}
