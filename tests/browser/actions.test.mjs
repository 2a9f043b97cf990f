// What visitors do besides clicking: search, filter, fill in forms; and what the site tells of
// its own. Nothing that somebody typed into a form, and nobody's address, is ever sent.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { SHOP, of, pick, settled, started, stories } from "./shopper.mjs";

const replace = (tab, query) => tab.evaluate((query) => history.replaceState({}, "", query), query);

/** What somebody fills in; none of it may ever be seen on the wire. */
const TYPED = {
  name: "נועה לוי",
  mail: "noa@levi.example",
  phone: "050-7654321",
  card: "4580123412341234",
  password: "hunter2secret",
  message: "אל תספרו לאיש",
};

describe("actions", { concurrency: 6 }, () => {
  const story = stories();

  story("a search is told by the address or by a call, each once", async (shopper) => {
    const path = shopper.serve("search/", { tag: 'data-search="find"' });
    const tab = await shopper.tab(`${path}?find=קערה כחולה&q=not this`);
    await started(tab);
    await settled(tab);
    await tab.reload();
    await started(tab);
    await settled(tab);
    await replace(tab, "?find=כוסות");
    await settled(tab);
    await replace(tab, "?find=כוסות&page=2");
    await settled(tab);
    await tab.evaluate(() => crumb("search", { search_term: "מנורה" }));
    await tab.evaluate(() => crumb("view_search_results", { search_term: "שטיח" }));
    await tab.evaluate(() => crumb("search", { search_term: "" }));
    const terms = of(await shopper.leave(), "search").map(({ term }) => term);
    assert.deepEqual(terms, ["קערה כחולה", "כוסות", "מנורה", "שטיח"]);
    shopper.neverSent("not this");
  });

  story("the common names of a search, and of one that leads to itself", async (shopper) => {
    const path = shopper.serve("results/", {
      body: '<a href="?q=כחול&page=2">הבא</a> <a href="?q=אדום">אחר</a>',
    });
    const tab = await shopper.tab(`${path}?q=כחול`);
    for (const name of ["הבא", "אחר"]) {
      await started(tab);
      await settled(tab);
      await tab.getByText(name).click();
      await tab.waitForURL(/page=2|q=%D7%90/);
    }
    await settled(tab);
    const terms = of(await shopper.leave(), "search").map(({ term }) => term);
    assert.deepEqual(terms, ["כחול", "אדום"]);
  });

  story("a search that the address shows and the site tells is one", async (shopper) => {
    const body = '<script>crumb("search", { search_term: "קערה" })</script>';
    const tab = await shopper.tab(`${shopper.serve("results/", { body })}?q=קערה`);
    await started(tab);
    await settled(tab);
    assert.deepEqual(of(await shopper.leave(), "search").map(({ term }) => term), ["קערה"]);
  });

  story("an application that goes back to its results searches no more", async (shopper) => {
    const path = shopper.serve("results/");
    const tab = await shopper.tab(`${path}?q=קערה`);
    await started(tab);
    await settled(tab);
    await tab.evaluate((path) => history.pushState({}, "", `${path}product`), path);
    await settled(tab);
    await tab.evaluate(() => history.back());
    await settled(tab);
    assert.deepEqual(of(await shopper.leave(), "search").map(({ term }) => term), ["קערה"]);
  });

  story("filters that an application changes", async (shopper) => {
    const tab = await shopper.open({ tag: 'data-filters="fabric"' });
    await settled(tab);
    const steps = ["?color=red&fabric=cotton", "?color=blue&fabric=cotton&page=2", "?fabric=cotton", "?"];
    for (const query of steps) {
      await replace(tab, query);
      await settled(tab);
    }
    const filters = of(await shopper.leave(), "filter").map(({ props }) => props);
    assert.deepEqual(filters, [
      { color: "red", fabric: "cotton" },
      { color: "blue" },
      { color: "" },
      { fabric: "" },
    ]);
  });

  story("filters that load the page anew", async (shopper) => {
    const path = shopper.serve("category/", {
      body: '<a href="?sort=price">לפי מחיר</a> <a href="?sort=price&size=L">מידה</a>',
    });
    const tab = await shopper.tab(path);
    for (const [name, sign] of [["לפי מחיר", "sort=price"], ["מידה", "size=L"]]) {
      await started(tab);
      await settled(tab);
      await tab.getByText(name).click();
      await tab.waitForURL(`**${sign}`);
    }
    await started(tab);
    await settled(tab);
    await tab.reload();
    await settled(tab);
    // Somebody else's link to a filtered page is nobody's choice.
    await settled(await shopper.tab(`${path}?size=M`));
    const filters = of(await shopper.leave(), "filter").map(({ props }) => props);
    assert.deepEqual(filters, [{ sort: "price" }, { size: "L" }]);
  });

  story("forms are begun, sent or left, and what is typed stays there", async (shopper) => {
    const fields = Object.keys(TYPED)
      .map((name) => (name === "message" ? `<textarea name="${name}"></textarea>` : `<input name="${name}">`))
      .join("");
    const forms = [
      '<form id="order"', '<form data-crumb-form="ניוזלטר" id="x"', '<form name="contact"',
      '<form action="/account/login?token=7"', "<form",
    ];
    const stay = '<script>addEventListener("submit", (e) => e.preventDefault())</script>';
    const body = forms.map((form) => `${form}>${fields}<button>שלח</button></form>`).join("") + stay;
    const tab = await shopper.open({ body });
    for (const n of [0, 1, 2, 3, 4]) {
      for (const [name, value] of Object.entries(TYPED)) {
        await tab.locator("form").nth(n).locator(`[name=${name}]`).pressSequentially(value, { delay: 0 });
      }
    }
    for (const n of [0, 1]) await tab.locator("form").nth(n).locator("button").click();
    const found = of(await shopper.leave(), "form").map(({ stage, name }) => [stage, name]);
    assert.deepEqual(found, [
      ["start", "order"],
      ["start", "ניוזלטר"],
      ["start", "contact"],
      ["start", "/account/login"],
      ["start", "form"],
      ["submit", "order"],
      ["submit", "ניוזלטר"],
      ["abandon", "contact"],
      ["abandon", "/account/login"],
      ["abandon", "form"],
    ]);
    shopper.neverSent(...Object.values(TYPED), "token=7");
  });

  story("a form that fills itself is nobody's, and no form at all is none", async (shopper) => {
    const tab = await shopper.open({ body: '<form id="f"><input></form><input id="alone">' });
    await tab.evaluate(() => {
      const [input] = document.forms[0].elements;
      input.value = "x";
      input.dispatchEvent(new Event("input", { bubbles: true }));
      document.body.dispatchEvent(new CustomEvent("submit", { bubbles: true }));
    });
    await tab.locator("#alone").fill("x");
    await tab.evaluate(() => crumb("track", "alive"));
    assert.deepEqual(of(await shopper.leave(), "form"), []);
  });

  story("events of the site's own, with texts, numbers, and yes or no", async (shopper) => {
    const body = "<script>crumb('track','לפני')</script>";
    const tab = await shopper.open({ body });
    await tab.evaluate(() => {
      crumb("track", "מדריך מידות", { צבע: "כחול", size: 42, ratio: -0.5, tiny: 1e-7, gift: true, old: false });
      crumb("track", "odd", { nothing: null, missing: undefined, nan: NaN, list: [1], object: { a: 1 } });
      crumb("track", "bare");
      crumb("track", "lines", { text: "a\nb\tc  d" });
    });
    const events = pick(of(await shopper.leave(), "custom"), "name", "props");
    assert.deepEqual(events, [
      { name: "לפני", props: {} },
      {
        name: "מדריך מידות",
        props: { צבע: "כחול", size: 42, ratio: -0.5, tiny: 1e-7, gift: true, old: false },
      },
      { name: "odd", props: { nothing: "", missing: "", nan: "NaN", list: "", object: "" } },
      { name: "bare", props: {} },
      { name: "lines", props: { text: "a b c d" } },
    ]);
  });

  story("people and secrets are masked wherever texts are told", async (shopper) => {
    const secrets = ["dan@levi.example", "050-1234567", "9f86d081884c7d659a2feaa0c55ad015"];
    const [mail, phone, token] = secrets;
    const path = shopper.serve(`call/${mail}/${token}/`, {
      title: `הזמנה של ${mail}`,
      head: `<link rel="canonical" href="/reset/${token}">`,
      body: `<button>${phone} חייגו</button><form id="form-${mail}"><input></form>`,
      tag: 'data-params="ref"',
    });
    const tab = await shopper.tab(`${path}?q=${mail}&ref=${token}&utm_content=${mail}`);
    await started(tab);
    await tab.getByText("חייגו").click();
    await tab.locator("input").pressSequentially("x");
    await tab.evaluate(
      ([mail, phone]) => {
        crumb("search", { search_term: `מצאו את ${phone}` });
        crumb("track", mail, { [phone]: `כתבו אל ${mail}` });
        crumb("page", { category: mail });
      },
      secrets,
    );
    const events = await shopper.leave();
    const [view] = of(events, "page_view");
    assert.equal(view.page.title, "הזמנה של [mail]");
    assert.ok(view.page.path.endsWith("/call/[mail]/[token]/"), view.page.path);
    assert.equal(view.page.query, "ref=[token]");
    assert.equal(view.session.utmContent, "[mail]");
    assert.equal(of(events, "click")[0].text, "[phone] חייגו");
    assert.deepEqual(of(events, "search").map(({ term }) => term), ["[mail]", "מצאו את [phone]"]);
    assert.deepEqual(pick(of(events, "custom"), "name", "props"), [
      { name: "[mail]", props: { "[phone]": "כתבו אל [mail]" } },
    ]);
    shopper.neverSent(...secrets);
  });

  story("an unknown command is said to whoever wrote it", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => {
      crumb("add_to_kart", {});
      crumb();
      crumb("track", "alive");
    });
    assert.equal(of(await shopper.leave(), "custom").length, 1);
    assert.equal(shopper.errors.length, 2);
  }, { says: /^crumb: unknown command/ });
});
