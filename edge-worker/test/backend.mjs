// A backend that checks signatures as the real one does, keeps what it took,
// and can be told to fail.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/** Starts it with the forwarding keys, {name: hex}. */
export async function startBackend(keys) {
  const backend = { taken: [], asked: 0, answer: { status: 202 }, waiting: undefined };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    backend.asked++;
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
  if (!key) return false;
  const time = BigInt(headers["crumb-time"]);
  if (headers["content-type"] !== "application/octet-stream") return false;
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

/** The stamp and what it is on (protocol/src/envelope.rs). */
function readEnvelope(bytes) {
  if (bytes.toString("latin1", 0, 3) !== "CE\x01") throw new Error("no envelope of version 1");
  const { number, text, byte, message, rest } = reader(bytes.subarray(3));
  const visitor = number();
  const [received, sent] = [Number(number()), Number(number())];
  const place = { country: text(), region: text(), city: text(), timeZone: text() };
  const agent = { device: text(), browser: text(), os: text(), bot: byte() === 1 };
  const proofs = [
    () => ({ login: text(), token: number() }),
    () => ({ landing: message(), token: number() }),
  ];
  const proof = byte() ? proofs[byte()]() : undefined;
  const payload = rest();
  const isNotice = payload.toString("latin1", 0, 2) === "CN";
  const carried = isNotice ? { notice: readNotice(payload) } : { batch: payload };
  return { visitor, received, sent, place, agent, proof, ...carried };
}

/** What a notice says (protocol/src/notice.rs). */
function readNotice(bytes) {
  const { number, text, byte, message } = reader(bytes.subarray(3));
  const site = text();
  const what = byte();
  if (what === 1) return { site, forget: true };
  if (what === 2) {
    const [token, form, count] = [number(), text(), Number(number())];
    return { site, token, form, answers: Array.from({ length: count }, () => [text(), text()]) };
  }
  const [token, said] = [number(), message()];
  const link = byte() ? { url: text(), topic: text() } : undefined;
  return { site, token, message: said, link, machine: byte() === 1 };
}

/** Reads what postcard wrote. */
function reader(bytes) {
  let at = 0;
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
  const byte = () => bytes[at++];
  const message = () => ({ contact: number(), channel: byte(), messageId: text(), campaign: text() });
  return { number, text, byte, message, rest: () => bytes.subarray(at) };
}
