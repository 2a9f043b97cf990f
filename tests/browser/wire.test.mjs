// The decoder of these tests reads what the protocol's own tests pin.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readBatch } from "./wire.mjs";

const golden = (name) =>
  readFileSync(new URL(`../../protocol/golden/${name}`, import.meta.url), "utf8").trim();

test("the golden batch", () => {
  const batch = readBatch(Buffer.from(golden("batch-v1.hex"), "hex"));
  const { events, session, page, ...header } = batch;
  assert.deepEqual(header, {
    site: "demo",
    tabId: 81985529216486895n,
    previous: { tabId: 18364758544493064720n, events: 9 },
    lost: 2,
    dropped: 1,
    consent: "granted",
    staff: true,
  });
  assert.deepEqual(session, {
    id: 42n,
    startedAt: 1760000000000,
    number: 3,
    landingPath: "/מבצעים",
    referrerHost: "search.example",
    utmSource: "newsletter",
    utmMedium: "email",
    utmCampaign: "סתיו",
    utmTerm: "ceramics",
    utmContent: "top",
    clickIdKind: "gclid",
  });
  assert.deepEqual(page, {
    source: "json_ld",
    host: "shop.example",
    path: "/product/cer-01/",
    query: "colour=blue",
    title: "קערה",
    canonical: "/product/cer-01/",
    category: "ceramics",
    product: "CER-01",
    language: "he-IL",
  });
  assert.deepEqual(events.map(({ seq, sessionStart }) => [seq, sessionStart]), [
    [0, true], [1, false], [2, false], [3, false], [4, false], [5, false], [6, false], [7, false],
    [8, false], [9, false],
  ]);
  const item = { id: "CER-01", name: "קערה", category: "ceramics", brand: "", priceCents: 8990, quantity: 2 };
  const order = { valueCents: 17980, currency: "ILS", orderId: "A-1", coupon: "CRUMB10", items: [item] };
  assert.deepEqual(events.map(({ seq, atMs, sessionStart, ...event }) => event), [
    { type: "page_view", props: {} },
    { type: "dwell", dwellMs: 15000, scrollPercent: 80, props: {} },
    {
      type: "click", kind: "outbound", text: "עוד", host: "maps.example", path: "/place", cta: "find-us",
      props: {},
    },
    { type: "search", term: "קערה", props: {} },
    { type: "purchase", ...order, props: {} },
    { type: "custom", name: "size_guide", props: { colour: "כחול", rating: 4.5, gift: true } },
    { type: "filter", props: {} },
    { type: "sign_out", props: {} },
    { type: "identify", by: "mail", value: "noa@example.com", props: {} },
    { type: "form", stage: "abandon", name: "newsletter", props: {} },
  ]);
});
