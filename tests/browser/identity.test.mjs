// Who a visitor is: a cookie of the edge's, out of the page's reach.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { cookie } from "./chromium.mjs";
import { SHOP, settled, stories } from "./shopper.mjs";

describe("identity", { concurrency: 6 }, () => {
  const story = stories();

  story("the cookie is out of the page's reach, and lasts", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    const found = await cookie(shopper.context, SHOP);
    const { httpOnly, secure, sameSite, path } = found;
    assert.deepEqual([httpOnly, secure, sameSite, path], [true, true, "Lax", "/"]);
    const days = (found.expires - Date.now() / 1000) / 86_400;
    assert.ok(days > 399 && days <= 400, `${days} days`);
    assert.equal(await tab.evaluate(() => document.cookie), "");
  });
});
