// Pages that bend what the pixel stands on. It records all the same, and no page ever feels it:
// no error, no word on the console, nothing changed but `crumb`.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { SHOP, markup, of, settled, started, stories } from "./shopper.mjs";

/** What pages do before anything else of theirs runs. */
const PAGES = {
  "old libraries that enlarge every array and object": () => {
    for (const prototype of [Array.prototype, Object.prototype, String.prototype]) {
      prototype.extend = function () {};
      prototype.each = 7;
    }
    Array.prototype.toJSON = () => {
      throw new Error("broken");
    };
  },
  "a patched JSON": () => {
    JSON.parse = JSON.stringify = () => {
      throw new Error("not here");
    };
  },
  "a fetch that throws at first": () => {
    const real = window.fetch;
    let calls = 0;
    window.fetch = (...args) => {
      if (String(args[0]).endsWith("/c/e") && !calls++) throw new Error("not today");
      return real(...args);
    };
  },
  "a fetch that answers with anything": () => {
    const real = window.fetch;
    let calls = 0;
    window.fetch = (...args) => {
      if (!String(args[0]).endsWith("/c/e") || calls > 2) return real(...args);
      return [undefined, { status: 204 }, Promise.resolve("fine")][calls++];
    };
  },
  "a fetch that calls crumb": () => {
    const real = window.fetch;
    let calls = 0;
    window.fetch = (...args) => {
      if (String(args[0]).endsWith("/c/e") && calls++ < 3) crumb("track", "within fetch");
      return real(...args);
    };
  },
  "a storage that calls crumb": () => {
    const real = Storage.prototype.setItem;
    let calls = 0;
    Storage.prototype.setItem = function (...args) {
      if (calls++ < 3) window.crumb?.("track", "within storage");
      return real.apply(this, args);
    };
  },
  "a data layer that calls crumb": () => {
    window.dataLayer = [];
    window.dataLayer.push = function (...entries) {
      window.crumb?.("track", "within the data layer");
      return Array.prototype.push.apply(this, entries);
    };
    setTimeout(() => window.dataLayer.push({ event: "x" }), 1_500);
  },
  "no WebAssembly at all": () => delete window.WebAssembly,
  "no requestIdleCallback": () => delete window.requestIdleCallback,
};

const BODY = '<button>לסל</button><script type="application/ld+json">{"@type":"Product","sku":"LD"}</script>';

/** The page's own view of itself: its globals, and who its functions are. */
const inspect = (tab) =>
  tab.evaluate(() => {
    const native = [
      console.log, console.warn, console.error, fetch, history.pushState, history.replaceState,
      Storage.prototype.setItem, Storage.prototype.getItem, XMLHttpRequest.prototype.send,
      Navigator.prototype.sendBeacon, EventTarget.prototype.addEventListener, Array.prototype.push,
      setTimeout, setInterval, JSON.parse, Promise.prototype.then, document.createElement,
    ];
    return {
      globals: Object.getOwnPropertyNames(window).sort(),
      patched: native.map((act) => /\{ \[native code\] \}$/.test(act)).flatMap((is, n) => (is ? [] : n)),
      elements: document.querySelectorAll("*").length,
    };
  });

describe("hostile pages", { concurrency: 6 }, () => {
  const story = stories();

  for (const [name, bend] of Object.entries(PAGES)) {
    story(name, async (shopper) => {
      await shopper.context.addInitScript(bend);
      const tab = await shopper.open({ body: BODY });
      await tab.getByText("לסל").click();
      await tab.evaluate(() => crumb("track", "own", { n: 1 }));
      await tab.waitForTimeout(2_000);
      const events = await shopper.leave();
      const own = of(events, "page_view", "click", "custom").filter(({ name }) => !/^within/.test(name));
      assert.deepEqual(own.map(({ type }) => type), ["page_view", "click", "custom"]);
      assert.equal(own[0].page.product, name === "a patched JSON" ? "" : "LD");
      const within = events.filter(({ name }) => /^within/.test(name)).length;
      if (name.endsWith("calls crumb")) assert.ok(within > 0 && within <= 3, `${within} from within`);
    });
  }

  story("what a refused beacon leaves is sent by the next page, once its lease is over", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    await tab.evaluate(() => {
      Navigator.prototype.sendBeacon = () => false;
      crumb("track", "unsent");
    });
    await tab.goto("about:blank");
    assert.deepEqual(of(await shopper.sent(), "custom"), []);
    await shopper.context.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() + 200_000;
    });
    await settled(await shopper.open());
    assert.equal(of(await shopper.sent(), "custom").length, 1);
  });

  story("a beacon that throws harms nobody", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    await tab.evaluate(() => {
      Navigator.prototype.sendBeacon = () => {
        throw new Error("no beacons");
      };
      crumb("track", "unsent");
      window.dispatchEvent(new PageTransitionEvent("pagehide"));
    });
    assert.deepEqual(shopper.errors, []);
  }, { unstored: "what happens as it goes waits in the storage" });

  story("a page whose forms have fields by the names of a form's own", async (shopper) => {
    const names = ["id", "name", "action", "method", "submit", "dataset", "length"];
    const fields = names.map((name) => `<input name="${name}">`).join("");
    const body = `<form data-crumb-form="ניוזלטר">${fields}<button>שלח</button></form>
      <script>addEventListener("submit", (e) => e.preventDefault())</script>`;
    const tab = await shopper.open({ body });
    await tab.locator("input").first().pressSequentially("7");
    await tab.getByText("שלח").click();
    const forms = of(await shopper.leave(), "form").map(({ stage, name }) => [stage, name]);
    assert.deepEqual(forms, [["start", "ניוזלטר"], ["submit", "ניוזלטר"]]);
  });

  story("nothing of the page is changed but crumb", async (shopper) => {
    // The ledger of these tests patches the storage; a browser without it is asked.
    const context = await shopper.context.browser().newContext({ proxy: { server: shopper.net.address } });
    const look = async (page) => {
      const tab = await context.newPage();
      await tab.goto(`${SHOP}${shopper.serve(`${page.line === "" ? "bare" : "own"}/`, page)}`);
      if (page.line === undefined) await started(tab);
      await tab.waitForTimeout(1_500);
      return inspect(tab);
    };
    const [bare, own] = [await look({ line: "" }), await look({})];
    await context.close();
    const added = own.globals.filter((name) => !bare.globals.includes(name));
    assert.deepEqual(added, ["crumb"]);
    assert.deepEqual(own.patched, []);
    assert.equal(own.elements - bare.elements, 2, "the line's own two are all that is in the document");
  }, { unstored: "it is another browser's" });

  story("the line put in late, by a tag manager", async (shopper) => {
    const insert = `<script>setTimeout(() => {
      const script = document.createElement("script");
      script.async = true;
      script.src = "/c/crumb.js";
      script.dataset.site = "demo";
      document.head.append(script);
    }, 500)</script>`;
    const tab = await shopper.tab(shopper.serve("late/", { line: "", body: insert }));
    await tab.waitForResponse((response) => response.url().endsWith("/c/e"));
    await tab.evaluate(() => crumb("track", "own"));
    const events = await shopper.leave();
    assert.deepEqual(of(events, "page_view", "custom").map(({ type }) => type), ["page_view", "custom"]);
  });

  /** Puts these in place of the pixel's files, by how their names end. */
  const replace = async (shopper, files) => {
    const loader = await (await fetch(`${SHOP}/c/crumb.js`)).text();
    const [glue, plain] = loader.match(/px-\w+\.js/g);
    const main = await (await fetch(`${SHOP}/c/${glue}`)).text();
    const [wasm] = main.match(/px-\w+\.wasm/);
    for (const [role, [status, body, type]] of Object.entries(files)) {
      const name = { glue, plain, wasm }[role];
      shopper.net.serve(`/c/${name}`, body, { status, "content-type": type });
    }
  };
  const GONE = [404, "gone", "text/plain"];
  const GARBAGE = [200, "<html>proxy error</html>", "text/html"];
  const JUNK = [200, "this is no module", "application/wasm"];

  story("a broken WebAssembly is replaced by plain JS", async (shopper) => {
    await replace(shopper, { wasm: JUNK });
    const tab = await shopper.open({ body: BODY });
    await tab.getByText("לסל").click();
    const types = (await shopper.leave()).map(({ type }) => type);
    assert.deepEqual(types.slice(0, 2), ["page_view", "click"]);
  });

  for (const [how, files, says] of [
    ["is gone", { wasm: GONE, plain: GONE }, /status of 404/],
    ["is garbage", { wasm: JUNK, plain: GARBAGE }, /Failed to load module script/],
    ["is gone altogether", { glue: GONE, wasm: GONE, plain: GONE }, /status of 404/],
  ]) {
    story(`a pixel that ${how} tells the edge once, and nobody else`, async (shopper) => {
      await replace(shopper, files);
      const tab = await shopper.tab(shopper.serve("broken/", markup({ body: BODY })));
      await tab.waitForTimeout(2_500);
      await tab.evaluate(() => crumb("track", "nobody hears it"));
      await tab.getByText("לסל").click();
      await shopper.leave();
      const faults = shopper.net.posts("/c/x");
      assert.deepEqual(faults.map(({ status }) => status), [204]);
      assert.match(String(faults[0].body), /^demo\nload: \w+/);
      assert.deepEqual(shopper.net.posts("/c/e"), []);
    }, { unstored: "nothing is recorded", says, faults: 1 });
  }
});
