// Whether a worker does its work: it gives a new browser a cookie, knows it by that again, and
// forwards all that it was sent, stamped and signed. Without that no figure is worth anything.

import { createHmac } from "node:crypto";
import { SECRETS, SHOP, ask } from "../../../edge-worker/test/built.mjs";

const HEADERS = {
  origin: SHOP,
  "sec-fetch-site": "same-origin",
  "user-agent":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "content-type": "text/plain;charset=UTF-8",
  // From here workerd takes request.cf.
  "mf-cf-blob": JSON.stringify({
    country: "IL",
    region: "Tel Aviv",
    city: "Givatayim",
    timezone: "Asia/Jerusalem",
  }),
};

/**
 * Checks a worker with each of the batches, and gives the headers of a browser it knows.
 * `keep(act)` gives what the backend gets while `act` runs.
 */
export async function check(worker, keep, batches) {
  const first = await post(worker, HEADERS, batches[0]);
  const cookie = first.headers["set-cookie"]?.[0].split(";")[0];
  if (!cookie) throw new Error(`${worker.name} gave a new browser no cookie`);
  const headers = { ...HEADERS, cookie };
  const [, id] = /^__Host-crumb-demo=([0-9a-f]+)\./.exec(cookie);
  for (const batch of batches) {
    const forwarded = await keep(async () => {
      const again = await post(worker, headers, batch);
      if (again.headers["set-cookie"]) throw new Error(`${worker.name} did not know its own cookie`);
    });
    if (!isSigned(forwarded)) throw new Error(`${worker.name} signed wrongly`);
    if (worker.visitorOf(forwarded.body, batch) !== id) {
      throw new Error(`${worker.name} did not forward a batch whole, with its visitor's id`);
    }
  }
  return headers;
}

async function post(worker, headers, batch) {
  const answer = await ask(new URL("/c/e", worker.url), { headers, body: worker.body(batch) });
  if (answer.status !== 204) throw new Error(`${worker.name} answered ${answer.status}: ${answer.text}`);
  return answer;
}

/** As protocol/src/signature.rs has it. */
function isSigned({ headers, body }) {
  const [, name, hex] = /^(\w+):(\w+)/.exec(SECRETS.FORWARD_KEYS);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(headers["crumb-time"]));
  const mac = createHmac("sha256", Buffer.from(hex, "hex")).update(time).update(body);
  return headers["crumb-key"] === name && headers["crumb-signature"] === mac.digest("hex");
}
