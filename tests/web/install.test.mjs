// Installing: a shop's page is looked at, and what keeps its events from coming is said.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { open } from "./shop.mjs";

const LINE = '<script async src="/c/crumb.js" data-site="clay-shop"></script>';

let backend;
let browser;
let shop;
let page;
/** What the shop answers at `/`, with which policy, and what its worker says of itself. */
let answers;
let server;
let home;

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, home);
    const [kind, body] = {
      "/": ["text/html", answers.page],
      "/c/crumb.js": ["text/javascript", ""],
      "/c/health": ["application/json", JSON.stringify(answers.worker)],
    }[pathname] ?? ["text/plain", ""];
    response.writeHead(200, {
      "content-type": kind,
      ...(answers.policy && { "content-security-policy": answers.policy }),
    });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  home = `http://127.0.0.1:${server.address().port}/`;
  answers = { page: "<p>no line</p>", worker: { status: "ok", consent: "assumed" } };
});

after(async () => {
  server?.close();
  await browser?.close();
  await backend?.stop();
});

async function visit(locale, path) {
  const context = await browser.newContext({ locale });
  context.setDefaultTimeout(10_000);
  const [name, value] = shop.cookie().split("=");
  await context.addCookies([{ name, value, url: backend.url }]);
  page = await context.newPage();
  await page.goto(backend.url + path);
}

const item = (name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
const look = (name) => page.getByRole("button", { name }).click();

test("an address that is none is said to be, at its field", async () => {
  await visit("en-US", "/clay-shop/install");
  await item("Events").getByText("None came yet").waitFor();
  await page.getByLabel("A page of the shop").fill("https://no address");
  await look("Look at the page");
  await page.getByText("no address of a page").waitFor();
});

test("what a page lacks is said, until it lacks nothing", async () => {
  await page.getByLabel("A page of the shop").fill(home);
  await look("Look at the page");
  await item("The line").getByRole("img", { name: "to be mended" }).waitFor();
  assert.match(page.url(), /page=http/);

  answers.page = LINE;
  answers.policy = "script-src 'unsafe-inline'";
  await look("Look again");
  await item("Security policy").getByText("script-src 'self'", { exact: true }).waitFor();
  await item("Security policy").getByRole("img", { name: "to be mended" }).waitFor();

  answers.policy = "script-src 'self' 'wasm-unsafe-eval'";
  answers.worker = { code: "origin_not_allowed" };
  await look("Look again");
  await item("The worker").getByText(home.slice(0, -1), { exact: true }).waitFor();

  answers.worker = { status: "ok", consent: "required" };
  await look("Look again");
  await item("Consent").getByRole("img", { name: "could be better" }).waitFor();

  answers.page = LINE.replace("async", 'async data-consent="required"');
  await look("Look again");
  await item("Consent").getByRole("img", { name: "well" }).waitFor();
  assert.equal(await page.getByRole("img", { name: "to be mended" }).count(), 0);
});

test("the last of the list turns good as the first event comes", async () => {
  const event = { id: "1", type: "page_view", visitor_id: "5", ts: Date.now(), host: "shop.example", path: "/" };
  await shop.send("POST", shop.of("/events?wait=true"), [event]);
  await item("Events").getByRole("img", { name: "well" }).waitFor();
  await page.getByRole("row", { name: /shop\.example/ }).waitFor();
});

test("it is said in Hebrew, from the address", async () => {
  answers.page = LINE.replace("clay-shop", "other-shop");
  await visit("he-IL", `/clay-shop/install?page=${encodeURIComponent(home)}`);
  await item("השורה").getByText("other-shop", { exact: true }).waitFor();
  await item("השורה").getByRole("img", { name: "צריך לתקן" }).waitFor();
});
