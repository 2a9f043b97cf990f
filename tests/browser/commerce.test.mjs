// Commerce: what the shop's code, its data layer and its platform tell, each thing once.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { of, pick, started, stories } from "./shopper.mjs";

const KINDS = [
  "view_item_list", "view_item", "add_to_cart", "remove_from_cart", "view_cart",
  "begin_checkout", "purchase", "refund",
];
const commerce = (events) => of(events, ...KINDS);

/** Only the type, and the items with those of their fields that say something. */
const brief = (events) =>
  commerce(events).map(({ type, items }) => [
    type,
    ...items.map((item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value))),
  ]);

describe("commerce", { concurrency: 6 }, () => {
  const story = stories();

  story("all of GA4's names by a call, with items, and money in cents", async (shopper) => {
    const tab = await shopper.open();
    const item = {
      item_id: "CER-01",
      item_name: "קערה כחולה",
      item_category: "קרמיקה",
      item_brand: "חמרה",
      price: 89.9,
      quantity: 2,
    };
    await tab.evaluate(
      ([kinds, item]) => {
        for (const kind of kinds) crumb(kind, { currency: "ILS", value: 179.8, items: [item] });
      },
      [KINDS, item],
    );
    await tab.evaluate(() =>
      crumb("purchase", {
        transaction_id: "A-1001",
        coupon: "CRUMB10",
        value: "1234.56",
        currency: "ILS",
        items: [{ id: 77, name: "x", price: 0.07 }, { item_id: "b", price: 1.005, quantity: 0 }],
      }),
    );
    const events = commerce(await shopper.leave());
    const what = events.slice(0, -1);
    assert.deepEqual(what.map(({ type }) => type), KINDS);
    for (const { valueCents, currency, orderId, items } of what) {
      assert.deepEqual([valueCents, currency, orderId], [17980, "ILS", ""]);
      assert.deepEqual(items, [{
        id: "CER-01",
        name: "קערה כחולה",
        category: "קרמיקה",
        brand: "חמרה",
        priceCents: 8990,
        quantity: 2,
      }]);
    }
    const { valueCents, orderId, coupon, items } = events.at(-1);
    assert.deepEqual([valueCents, orderId, coupon], [123456, "A-1001", "CRUMB10"]);
    assert.deepEqual(pick(items, "id", "priceCents", "quantity"), [
      { id: "77", priceCents: 7, quantity: undefined },
      { id: "b", priceCents: 101, quantity: 0 },
    ]);
  });

  story("odd amounts are left out rather than guessed", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => {
      for (const value of ["", "free", null, NaN, Infinity, {}, "1,299.90", -5]) {
        crumb("view_cart", { value });
      }
      crumb("view_item");
      crumb("view_item", { items: "none" });
      crumb("view_item_list", { items: Array.from({ length: 300 }, (_, n) => ({ item_id: n })) });
    });
    const events = commerce(await shopper.leave());
    const values = of(events, "view_cart").map(({ valueCents }) => valueCents);
    assert.deepEqual(values, [...Array(7).fill(undefined), -500]);
    assert.deepEqual(of(events, "view_item").map(({ items }) => items), [[], []]);
    assert.equal(of(events, "view_item_list")[0].items.length, 200);
  });

  story("changed quantities are pieces added and removed", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => {
      crumb("update_cart", {
        currency: "ILS",
        value: 500,
        items: [
          { item_id: "more", price: 10, previous_quantity: 1, quantity: 3 },
          { item_id: "fewer", previous_quantity: 5, quantity: 1 },
          { item_id: "same", previous_quantity: 2, quantity: 2 },
          { item_id: "new", quantity: 1 },
          { item_id: "gone", previous_quantity: 1, quantity: 0 },
        ],
      });
      crumb("update_cart", { items: [{ item_id: "same", previous_quantity: 2, quantity: 2 }] });
    });
    const events = await shopper.leave();
    assert.deepEqual(brief(events), [
      ["add_to_cart", { id: "more", priceCents: 1000, quantity: 2 }, { id: "new", quantity: 1 }],
      ["remove_from_cart", { id: "fewer", quantity: 4 }, { id: "gone", quantity: 1 }],
    ]);
    assert.deepEqual(commerce(events).map(({ valueCents }) => valueCents), [undefined, undefined]);
  });

  story("the data layer: what it holds and what is added, in both shapes", async (shopper) => {
    const head = `<script>
      dataLayer = [{ "gtm.start": 1, event: "gtm.js" }, { pageType: "product" }];
      function gtag() { dataLayer.push(arguments) }
      gtag("js", new Date());
      gtag("event", "view_item", { currency: "ILS", items: [{ item_id: "past-gtag", price: "10" }] });
      dataLayer.push({ ecommerce: null });
      dataLayer.push({ event: "view_item_list", ecommerce: { items: [{ item_id: "past-gtm" }] } });
    </script>`;
    const tab = await shopper.open({ head });
    const lengths = await tab.evaluate(() => [
      dataLayer.push({ event: "add_to_cart", ecommerce: { items: [{ item_id: "gtm" }] } }, { a: 1 }),
      dataLayer.length,
    ]);
    assert.equal(lengths[0], lengths[1], "push answers as it always does");
    await tab.evaluate(() => {
      gtag("event", "begin_checkout", { items: [{ item_id: "gtag" }] });
      dataLayer.push({ event: "view_cart", items: [{ item_id: "flat" }] });
      dataLayer.push({ event: "scroll", percent: 90 }, "text", null, undefined, 7, ["event"]);
    });
    assert.deepEqual(brief(await shopper.leave()), [
      ["view_item", { id: "past-gtag", priceCents: 1000 }],
      ["view_item_list", { id: "past-gtm" }],
      ["add_to_cart", { id: "gtm" }],
      ["begin_checkout", { id: "gtag" }],
      ["view_cart", { id: "flat" }],
    ]);
  });

  story("a data layer that comes late is found, and its past is told", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => {
      window.dataLayer = [{ event: "view_item", ecommerce: { items: [{ item_id: "late" }] } }];
    });
    await tab.waitForTimeout(1_300);
    await tab.evaluate(() =>
      dataLayer.push({ event: "add_to_cart", ecommerce: { items: [{ item_id: "later" }] } }),
    );
    const events = await shopper.leave();
    assert.deepEqual(brief(events), [["view_item", { id: "late" }], ["add_to_cart", { id: "later" }]]);
    assert.equal(commerce(events)[1].page.product, "late", "the page is about what is looked at");
  });

  story("what two sources tell at once is one, and so is an order told again", async (shopper) => {
    const order = '{ transaction_id: "A-7", value: 10, items: [{ item_id: "x" }] }';
    const body = `<script>
      crumb("purchase", ${order});
      dataLayer = [{ event: "purchase", ecommerce: ${order} }];
    </script>`;
    const path = shopper.serve("thanks/", { body });
    const tab = await shopper.tab(path);
    await started(tab);
    await tab.evaluate(() => {
      const cart = { items: [{ item_id: "y" }] };
      crumb("add_to_cart", cart);
      dataLayer.push({ event: "add_to_cart", ecommerce: cart });
      // By the same source twice it is two.
      crumb("view_cart", cart);
      crumb("view_cart", cart);
    });
    await tab.reload();
    await started(tab);
    await started(await shopper.tab(path));
    await tab.evaluate(() => crumb("purchase", { transaction_id: "A-8" }));
    const events = commerce(await shopper.leave());
    assert.deepEqual(
      events.map(({ type, orderId }) => [type, orderId]),
      [["purchase", "A-7"], ["add_to_cart", ""], ["view_cart", ""], ["view_cart", ""], ["purchase", "A-8"]],
    );
  });

  story("a page of which two sources tell several things", async (shopper) => {
    const body = `<script>
      dataLayer = [];
      for (const name of ["view_item_list", "view_item"]) {
        crumb(name, { items: [{ item_id: name }] });
        dataLayer.push({ event: name, ecommerce: { items: [{ item_id: name }] } });
      }
    </script>`;
    await shopper.open({ body });
    assert.deepEqual(brief(await shopper.leave()), [
      ["view_item_list", { id: "view_item_list" }],
      ["view_item", { id: "view_item" }],
    ]);
  });

  story("markup: on what is used, and on what is merely there", async (shopper) => {
    const item = 'data-crumb-item-id="CER-01" data-crumb-item-name="קערה" data-crumb-price="89.9"';
    const body = `
      <button data-crumb-event="add_to_cart" ${item} data-crumb-quantity="2"><i>הוסף</i></button>
      <form data-crumb-event="begin_checkout" data-crumb-currency="ILS" data-crumb-value="20">
        <input><button>לקופה</button></form>
      <div data-crumb-event="view_item" ${item}></div>
      <p data-crumb-event="purchase" data-crumb-transaction-id="B-1" data-crumb-value="99"></p>
      <script>addEventListener("submit", (e) => e.preventDefault())</script>`;
    const tab = await shopper.open({ body });
    await tab.waitForTimeout(1_300);
    await tab.getByText("הוסף").click();
    await tab.locator("input").click();
    await tab.getByText("לקופה").click();
    const events = await shopper.leave();
    const bowl = { id: "CER-01", name: "קערה", priceCents: 8990 };
    assert.deepEqual(brief(events), [
      ["view_item", bowl],
      ["purchase"],
      ["add_to_cart", { ...bowl, quantity: 2 }],
      ["begin_checkout"],
    ]);
    const [, bought, , checkout] = commerce(events);
    assert.deepEqual([bought.orderId, bought.valueCents], ["B-1", 9900]);
    assert.deepEqual([checkout.currency, checkout.valueCents], ["ILS", 2000]);
  });

  story("WooCommerce tells by jQuery's events, and its product page by a form", async (shopper) => {
    // As much of jQuery as WooCommerce uses here: bodies listen, and are told with parameters.
    const jQuery = `<script>
      window.told = {};
      window.jQuery = (target) => ({
        0: target,
        on: (name, act) => (told[name] ??= []).push(act),
        trigger: (name, given) => (told[name] ?? []).forEach((act) => act.call(target, { type: name }, ...given)),
      });
    </script>`;
    const body = `
      <a href="?add-to-cart=11" data-product_id="11" data-product_sku="CER-11" data-quantity="3">לסל</a>
      <a class="remove" data-product_id="12" data-product_sku="">הסר</a>
      <form class="cart"><input name="quantity" value="2"><button name="add-to-cart" value="13">הוסף</button></form>
      <form class="variations_form cart"><input name="quantity" value="1"><input type="hidden" name="add-to-cart" value="14"><button>בחר</button></form>
      <script>for (const type of ["click", "submit"]) addEventListener(type, (e) => e.target.form || e.preventDefault())</script>`;
    const tab = await shopper.open({ head: jQuery, body });
    await tab.evaluate(() => {
      const [add, remove] = document.querySelectorAll("[data-product_id]");
      jQuery(document.body).trigger("added_to_cart", [{}, "hash", jQuery(add)]);
      jQuery(document.body).trigger("removed_from_cart", [{}, "hash", jQuery(remove)]);
    });
    await tab.getByText("הוסף").click();
    await tab.getByText("בחר").click();
    assert.deepEqual(brief(await shopper.leave()), [
      ["add_to_cart", { id: "CER-11", quantity: 3 }],
      ["remove_from_cart", { id: "12" }],
      ["add_to_cart", { id: "13", quantity: 2 }],
      ["add_to_cart", { id: "14", quantity: 1 }],
    ]);
  });

  story("WooCommerce's blocks tell by events of the browser, after a click", async (shopper) => {
    const tab = await shopper.open({ body: '<button data-product_id="21"><b>לסל</b></button>' });
    await tab.getByText("לסל").click();
    await tab.evaluate(() =>
      document.body.dispatchEvent(new CustomEvent("wc-blocks_added_to_cart", { bubbles: true })),
    );
    assert.deepEqual(brief(await shopper.leave()), [["add_to_cart", { id: "21" }]]);
  });
});
