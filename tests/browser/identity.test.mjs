// Who a visitor is: a cookie of the edge's, out of the page's reach; what logins, sign-outs,
// links in messages and a no do to it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { keyOf, linkToken, loginToken } from "../../edge-worker/test/tokens.mjs";
import { cookie } from "./chromium.mjs";
import { LINE, SHOP, of, people, settled, stories } from "./shopper.mjs";

const { LOGIN_KEYS, MESSAGE_KEYS } = process.env;
const token = (contact) => loginToken(keyOf(LOGIN_KEYS), { sub: contact, jti: `${contact}-1` });

/** Says what a page says by `crumb(…)`, and waits until everything is sent and answered. */
async function say(shopper, tab, ...args) {
  await tab.evaluate((args) => crumb(...args), args);
  await tab.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  await shopper.net.quiet();
}

/** The visitor, and whether somebody is logged in, by the cookie. */
async function who(shopper) {
  const found = await cookie(shopper.context, SHOP);
  if (!found) return undefined;
  const [id, , link] = found.value.split(".");
  return { id, isLoggedIn: link !== "0" };
}

const NO_FACT = { unstored: "what says who somebody is is stored as no fact" };

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

  story("on another site a token that can't be forged stands for the cookie", async (shopper) => {
    const page = shopper.serve("blog/", { line: LINE.replace('src="/c/', `src="${SHOP}/c/`) });
    const visit = async () => {
      const tab = await shopper.context.newPage();
      await tab.goto(`http://blog.example${page}`);
      await settled(tab);
      await shopper.net.quiet();
      return tab;
    };
    const tab = await visit();
    const kept = await tab.evaluate(() => localStorage.getItem("crumb.v"));
    assert.match(kept, /^[0-9a-f]+\.[0-9a-f]+\.0\.0\.0\.k1\.[\w-]{22}$/);
    await tab.goto("about:blank");
    await visit();
    await shopper.net.quiet();
    const { attempts } = shopper.net;
    assert.deepEqual([attempts[0].token, attempts.at(-1).token], ["", kept]);
    assert.ok(shopper.net.posts("/c/e").every(({ status }) => status === 201));
    assert.equal(await cookie(shopper.context, SHOP), undefined, "it sets no cookie there");

    const forged = `1${kept}`;
    const another = await visit();
    await another.evaluate((forged) => localStorage.setItem("crumb.v", forged), forged);
    await say(shopper, another, "track", "a");
    assert.ok(shopper.net.attempts.some(({ token }) => token === forged));
    const here = { field: "path", op: "eq", value: page };
    const all = await people({ kind: "event", event: "page_view", where: [here], compare: { gte: 3 } });
    assert.equal(all.length, 1, "all views are one visitor's");
  }, { unstored: "the ledger is of the shop's own origin" });

  story("a login keeps who one is, another's is somebody else, and so is who comes next", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    const first = await who(shopper);
    assert.equal(first.isLoggedIn, false);
    await say(shopper, tab, "identify", token("noa"));
    assert.deepEqual(await who(shopper), { id: first.id, isLoggedIn: true });
    await say(shopper, tab, "identify", token("noa"));
    assert.deepEqual(await who(shopper), { id: first.id, isLoggedIn: true });
    await say(shopper, tab, "identify", token("dan"));
    const dan = await who(shopper);
    assert.ok(dan.isLoggedIn && dan.id !== first.id);
    await say(shopper, tab, "signout");
    const next = await who(shopper);
    assert.equal(next.isLoggedIn, false);
    assert.ok(![first.id, dan.id].includes(next.id));
    const says = of(await shopper.leave(), "identify", "sign_out").map(({ type, by }) => by ?? type);
    assert.deepEqual(says, ["login", "login", "login", "sign_out"]);
  }, NO_FACT);

  story("what a page claims is told as it is, and changes nothing", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    const before = await who(shopper);
    await say(shopper, tab, "identify", { email: "noa@example.com", phone: "050-1234567", id: "7" });
    assert.deepEqual(await who(shopper), before);
    const says = of(await shopper.leave(), "identify").map(({ by, value }) => [by, value]);
    assert.deepEqual(says, [["id", "7"], ["mail", "noa@example.com"], ["phone", "050-1234567"]]);
  }, NO_FACT);

  story("a link in a message leads to its page, which tells who came, with consent alone", async (shopper) => {
    const page = shopper.serve("sale/", { tag: 'data-consent="required"' });
    const link = linkToken(keyOf(MESSAGE_KEYS), "click", { url: `${SHOP}${page}?a=b`, id: Date.now() });
    const tab = await shopper.tab(`/c/r/${link}`);
    assert.match(tab.url(), /\/sale\/\?a=b&crumb=[\w-]{40,}$/);
    assert.equal(await who(shopper), undefined, "nothing sets a cookie on the way");
    await settled(tab);
    assert.deepEqual(await shopper.kept(), {});
    await say(shopper, tab, "consent", "granted");
    assert.ok(await who(shopper));
    const [view, landing] = await shopper.leave();
    assert.deepEqual([view.type, landing.type, landing.by], ["page_view", "identify", "landing"]);
    const answers = shopper.net.posts("/c/e").map(({ refused }) => refused);
    assert.ok(answers.every((refused) => refused === undefined), String(answers));
  }, NO_FACT);

  story("withdrawn, the cookie goes; what the edge didn't hear is told again", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    await shopper.net.quiet();
    assert.ok(await who(shopper));
    shopper.net.once("/c/w", () => ({ status: 503 }));
    await say(shopper, tab, "consent", "denied");
    assert.ok(await who(shopper), "it did not hear");
    await shopper.open();
    await shopper.net.quiet();
    assert.equal(await who(shopper), undefined);
    assert.deepEqual(await shopper.kept(), {});
    const last = await shopper.open();
    await say(shopper, last, "consent", "denied");
    assert.equal(shopper.net.posts("/c/w").length, 2, "once it heard, nobody tells it again");
  }, { unstored: "what was unsent is forgotten", says: /503/ });

  story("who wants to be forgotten is so in every tab, and whenever the edge hears of it", async (shopper) => {
    const other = await shopper.open();
    await settled(other);
    const tab = await shopper.open();
    await settled(tab);
    await shopper.net.quiet();
    for (let n = 0; n < 2; n++) shopper.net.once("/c/f", () => ({ status: 503 }));
    shopper.net.once("/c/w", () => ({ status: 503 }));
    await say(shopper, tab, "forget");
    assert.ok(await who(shopper), "it did not hear");
    assert.equal(shopper.net.posts("/c/f").length, 2, "both tabs told it");
    const before = shopper.net.posts("/c/e").length;
    await say(shopper, other, "track", "unheard");
    assert.equal(shopper.net.posts("/c/e").length, before);

    await shopper.open();
    await shopper.net.quiet();
    assert.deepEqual(shopper.net.posts("/c/f").map(({ status }) => status), [503, 503, 204]);
    assert.equal(shopper.net.posts("/c/w").length, 0, "to be forgotten is not less");
    assert.equal(await who(shopper), undefined);
    assert.deepEqual(await shopper.kept(), {});
  }, { unstored: "what was unsent is forgotten", says: /503/ });

  story("who wants to be forgotten is, and the backend is told", async (shopper) => {
    const tab = await shopper.open();
    await settled(tab);
    await shopper.net.quiet();
    await say(shopper, tab, "forget");
    assert.equal(await who(shopper), undefined);
    assert.deepEqual(await shopper.kept(), {});
    const [{ status }, ...more] = shopper.net.posts("/c/f");
    assert.deepEqual([status, more.length], [204, 0]);
  }, { unstored: "what was unsent is forgotten" });
});
