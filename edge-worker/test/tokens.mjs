// Tokens, made as others make them: with nothing but the description of their form.

import { createHmac } from "node:crypto";

const now = () => Math.floor(Date.now() / 1000);

/** A key as the worker's secrets have it: `site/name:hex`. */
export function keyOf(secret) {
  const [, site, name, hex] = /^([^/]+)\/([^:]+):(\w+)/.exec(secret);
  return { site, name, bytes: Buffer.from(hex, "hex") };
}

const mac = ({ bytes }, signed) => createHmac("sha256", bytes).update(signed).digest();

export function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

export const text = (value) => [...varint(Buffer.byteLength(value)), ...Buffer.from(value)];

/** A JSON Web Token as a shop's backend makes it (edge-worker/src/login.rs). */
export function loginToken(key, claims, header = {}) {
  const parts = [
    { alg: "HS256", kid: key.name, ...header },
    { aud: key.site, purpose: "login", exp: now() + 60, ...claims },
  ];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${mac(key, signed).toString("base64url")}`;
}

/** A token of a link in a message (protocol/src/token.rs); `url` is for a click's. */
export function linkToken(key, purpose, { url = "", id = 9, expires = now() + 60 } = {}) {
  const purposes = { open: [0], click: [1, ...text(url), ...text("sale")], landing: [2] };
  const message = [...varint(2n ** 63n + 42n), 1, ...text("m-1"), ...text("autumn")];
  const names = [...text(key.name), ...text(key.site)];
  const body = [...names, ...varint(id), ...varint(expires), ...message, ...purposes[purpose]];
  const signed = Buffer.concat([Buffer.from("CT\x01"), Buffer.from(body)]);
  return Buffer.concat([signed, mac(key, signed).subarray(0, 16)]).toString("base64url");
}
