// SDKs that were made for others, as npm has them, send to the backend: every event arrives,
// once, over a network that loses answers.

import Rudder from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startFlaky } from "./flaky.mjs";
import { Live } from "./live.mjs";

const { BACKEND, WRITE_KEY, INGEST_KEY } = process.env;
const EVENTS = 120;

/** Each gives `{ send(kind, message), end() }` for a network at `url`. */
const SDKS = {
  segment(url) {
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: url, flushAt: 20, maxRetries: 8 });
    return {
      send: (kind, message) => analytics[kind](message),
      end: () => analytics.closeAndFlush({ timeout: 30_000 }),
    };
  },
  rudder(url) {
    const analytics = new Rudder(WRITE_KEY, { dataPlaneUrl: url, flushAt: 20, logLevel: "error" });
    return {
      send: (kind, message) => analytics[kind](message),
      end: () => analytics.flush(),
    };
  },
};

describe("SDKs", { concurrency: 2 }, () => {
  for (const [name, start] of Object.entries(SDKS)) {
    test(`${name}: every event arrives, once`, { timeout: 90_000 }, async () => {
      const live = await Live.watch("demo");
      const flaky = await startFlaky();
      const run = `${name}-${Date.now()}`;
      const isOurs = (event) => event.name?.startsWith(run) || event.order_id === run;
      const sdk = start(flaky.url);
      const anonymousId = `anonymous-${run}`;
      for (let n = 0; n < EVENTS; n++) {
        sdk.send("track", { anonymousId, event: `${run} ${n}`, properties: { n } });
      }
      sdk.send("identify", { anonymousId, userId: run, traits: { email: "noa@example.com" } });
      sdk.send("page", { anonymousId, name: "Sale", properties: { url: "https://shop.example/sale" } });
      const products = [{ product_id: "p1", name: "קערה", price: 19.99, quantity: 2 }];
      const properties = { order_id: run, total: 39.98, currency: "ILS", products };
      sdk.send("track", { anonymousId, event: "Order Completed", properties });
      await sdk.end();
      const stored = () => live.events("stored", isOurs);
      await live.until(() => stored().length >= EVENTS + 1);
      const names = stored().map((event) => event.event.name ?? event.event.order_id);
      assert.equal(names.length, EVENTS + 1);
      assert.equal(new Set(names).size, EVENTS + 1, "each once");
      assert.ok(flaky.broken > 0, "some answers were lost");
      await live.until(() => live.events("duplicate", () => true).length > 0);
      const [order] = stored().filter(({ event }) => event.type === "purchase");
      assert.deepEqual(
        [order.event.value_cents, order.event["items.id"], order.event["items.price_cents"]],
        [3998, ["p1"], [1999]],
      );
      assert.deepEqual(live.events("rejected", () => true), []);
      live.stop();
      flaky.stop();
    });
  }
});

describe("the Segment HTTP API", () => {
  const post = (path, body, headers = {}) =>
    fetch(BACKEND + path, { method: "POST", headers, body: JSON.stringify(body) });
  const message = { anonymousId: "a", event: "Coffee Brewed", timestamp: new Date().toISOString() };
  let next = 0;
  const fresh = () => ({ ...message, messageId: `${Date.now()}-${next++}` });

  test("takes the write key in each place, and any content type", async () => {
    const basic = `Basic ${btoa(`${INGEST_KEY}:`)}`;
    for (const [body, headers] of [
      [fresh(), { authorization: basic, "content-type": "application/json" }],
      [{ ...fresh(), writeKey: INGEST_KEY }, { "content-type": "text/plain" }],
      [fresh(), { authorization: `Bearer ${INGEST_KEY}` }],
    ]) {
      const answer = await post("/v1/t", body, headers);
      assert.deepEqual([answer.status, (await answer.json()).accepted], [200, 1]);
    }
    const none = await post("/v1/track", fresh());
    assert.equal(none.status, 401);
  });

  test("answers pages of any origin, and says what is wrong", async () => {
    const origin = "https://shop.example";
    const asked = await fetch(`${BACKEND}/v1/p`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    assert.equal(asked.status, 200);
    assert.equal(asked.headers.get("access-control-allow-origin"), "*");
    assert.match(asked.headers.get("access-control-allow-headers"), /authorization/);
    const bad = await post("/v1/track", { writeKey: INGEST_KEY, messageId: "x" }, { origin });
    assert.equal(bad.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual([bad.status, (await bad.json()).code], [400, "missing"]);
    const batch = { writeKey: INGEST_KEY, batch: [{ type: "track", ...fresh() }, { type: "trace" }] };
    const some = await (await post("/v1/batch", batch)).json();
    assert.deepEqual([some.accepted, some.rejected.map(({ row }) => row)], [1, [1]]);
  });

  test("answers what SDKs ask before they send", async () => {
    const settings = await fetch(`${BACKEND}/v1/projects/${INGEST_KEY}/settings`);
    const { integrations } = await settings.json();
    assert.equal(`http://${integrations["Segment.io"].apiHost}`, `${BACKEND}/v1`);
    const source = await fetch(`${BACKEND}/sourceConfig?writeKey=${INGEST_KEY}`);
    assert.equal((await source.json()).source.enabled, true);
  });
});
