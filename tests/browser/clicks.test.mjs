// Clicks: on what, by whom, and where they lead.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { of, pick, stories } from "./shopper.mjs";

const HOST = new URL(process.env.SHOP).host;

/** [markup with the id `it` on what is clicked, kind, and text, host, path and call to action]. */
const CLICKS = [
  ['<a id="it" href="/קערות/?x=1#y">קערות</a>', "link", "קערות", HOST, "/קערות/", ""],
  ['<a href="/a/"><b id="it">בתוך  קישור</b></a>', "link", "בתוך קישור", HOST, "/a/", ""],
  ['<button id="it">הוסף לסל</button>', "button", "הוסף לסל", "", "", ""],
  ['<div id="it" role="button" aria-label="סגור">&nbsp;</div>', "button", "סגור", "", "", ""],
  ['<input id="it" type="submit" value="שלח">', "button", "שלח", "", "", ""],
  ['<details><summary id="it">עוד</summary></details>', "button", "עוד", "", "", ""],
  ['<a href="/b/"><img id="it" alt="קערה" width="9" height="9"></a>', "link", "קערה", HOST, "/b/", ""],
  ['<a id="it" href="/c/" data-crumb-cta="hero">קנו עכשיו</a>', "link", "קנו עכשיו", HOST, "/c/", "hero"],
  ['<button id="it" data-crumb-cta>הצטרפו</button>', "button", "הצטרפו", "", "", "הצטרפו"],
  ['<p id="it" data-crumb-cta="banner">מבצע</p>', "button", "מבצע", "", "", "banner"],
  ['<a id="it" href="https://maps.example/place?q=1">מפה</a>', "outbound", "מפה", "maps.example", "/place", ""],
  ['<a id="it" href="/files/size-guide.PDF">מידות</a>', "download", "מידות", HOST, "/files/size-guide.PDF", ""],
  ['<a id="it" href="/export" download>יצוא</a>', "download", "יצוא", HOST, "/export", ""],
  ['<a id="it" href="mailto:dan@levi.example?subject=x">dan@levi.example</a>', "mail", "[mail]", "", "", ""],
  ['<a id="it" href="tel:+972-50-1234567">חייגו 050-1234567</a>', "phone", "חייגו [phone]", "", "", ""],
  ['<a id="it" href="sms:+972501234567">מסרון</a>', "phone", "מסרון", "", "", ""],
  ['<a id="it" href="https://wa.me/972501234567">ווטסאפ</a>', "whatsapp", "ווטסאפ", "wa.me", "", ""],
  ['<a id="it" href="https://wa.me/?text=look">שתפו</a>', "share", "שתפו", "wa.me", "/", ""],
  [
    '<a id="it" href="https://www.facebook.com/sharer/sharer.php?u=x">פייסבוק</a>',
    "share", "פייסבוק", "www.facebook.com", "/sharer/sharer.php", "",
  ],
  ['<a id="it" href="javascript:void 0">תפריט</a>', "button", "תפריט", "", "", ""],
];

/** Keeps the page where it is, whatever is clicked. */
const STAY = '<script>addEventListener("click", (e) => e.preventDefault())</script>';

describe("clicks", { concurrency: 6 }, () => {
  const story = stories();

  story("a click is what was clicked, and where it leads", async (shopper) => {
    const tab = await shopper.open({ body: `<main></main>${STAY}` });
    for (const [body] of CLICKS) {
      await tab.evaluate((body) => (document.querySelector("main").innerHTML = body), body);
      await tab.locator("#it").click();
    }
    const clicks = of(await shopper.leave(), "click");
    const found = clicks.map(({ kind, text, host, path, cta }) => [kind, text, host, path, cta]);
    assert.deepEqual(found, CLICKS.map(([, ...expected]) => expected));
    for (const secret of ["dan@levi", "972501234567", "972-50", "1234567", "subject"]) {
      shopper.neverSent(secret);
    }
  });

  story("a link in a component's shadow", async (shopper) => {
    const body = `<x-card></x-card><script>
      document.querySelector("x-card").attachShadow({ mode: "open" }).innerHTML =
        '<a href="/inside/"><b>בפנים</b></a>';</script>${STAY}`;
    const tab = await shopper.open({ body });
    await tab.locator("x-card b").click();
    const clicks = of(await shopper.leave(), "click");
    assert.deepEqual(pick(clicks, "kind", "text", "path"), [{ kind: "link", text: "בפנים", path: "/inside/" }]);
  });

  story("a click that isn't somebody's, or is on nothing, is none", async (shopper) => {
    const body = `<p>סתם טקסט</p><button>כפתור</button><a href="/x/">קישור</a>${STAY}`;
    const tab = await shopper.open({ body });
    await tab.evaluate(() => {
      document.querySelector("button").click();
      document.querySelector("a").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      // What closes menus all over the web.
      document.dispatchEvent(new Event("click"));
      window.dispatchEvent(new Event("click"));
    });
    await tab.getByText("סתם טקסט").click();
    await tab.getByText("קישור").click({ button: "right" });
    await tab.evaluate(() => crumb("track", "alive"));
    const events = of(await shopper.leave(), "click", "custom");
    assert.deepEqual(events.map(({ type }) => type), ["custom"]);
  });

  story("the middle button opens a tab: a click", async (shopper) => {
    const path = shopper.serve("other/", { line: "" });
    const tab = await shopper.open({ body: `<a href="${path}">פתחו בצד</a>` });
    const opened = shopper.context.waitForEvent("page");
    await tab.getByText("פתחו בצד").click({ button: "middle" });
    await (await opened).close();
    assert.deepEqual(of(await shopper.leave(), "click").map((click) => click.path), [path]);
  });

  story("a click that leaves the page is not lost", async (shopper) => {
    const path = shopper.serve("next/", { line: "" });
    const tab = await shopper.open({ body: `<a href="${path}">הלאה</a>` });
    await tab.getByText("הלאה").click();
    await tab.waitForURL(`**${path}`);
    assert.deepEqual(of(await shopper.leave(), "click").map((click) => click.path), [path]);
  });

  story("the site says that the page was shared", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => crumb("share", { method: "whatsapp" }));
    const [share] = of(await shopper.leave(), "click");
    assert.deepEqual([share.kind, share.text, share.host, share.path], ["share", "whatsapp", "", ""]);
  });
});
