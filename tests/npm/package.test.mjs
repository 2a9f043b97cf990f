// The snippet as an npm package, as a shop gets it: packed, installed, type-checked, built
// by Vite, and run in a browser.
//
//   CHROMIUM=/usr/bin/chromium node --test tests/npm/package.test.mjs

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { launch } from "../browser/chromium.mjs";
import { serve } from "./site.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const SNIPPET = at("../../js-snippet");
const TSC = at("../../node_modules/.bin/tsc");

let home; // a shop's project, with the package in its node_modules
let installed;
let packed; // the files of the tarball

/** Runs a program; if it fails, with what it said. */
async function run(program, args, options) {
  try {
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    assert.fail(`${program} ${args.join(" ")}\n${error.stdout}${error.stderr}`);
  }
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), "crumb-npm-"));
  await cp(at("consumer"), home, { recursive: true });
  installed = join(home, "node_modules/crumbtrail-snippet");
  await mkdir(installed, { recursive: true });
  await run("npm", ["pack", "--offline", "--pack-destination", home], { cwd: SNIPPET });
  const tarballs = (await readdir(home)).filter((name) => name.endsWith(".tgz"));
  assert.deepEqual(tarballs, ["crumbtrail-snippet-0.1.0.tgz"]);
  const tarball = join(home, tarballs[0]);
  packed = (await run("tar", ["-tzf", tarball])).trim().split("\n").sort();
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
});
after(() => rm(home, { recursive: true }));

const read = (file) => readFile(join(installed, file), "utf8");

test("a few files, and none from elsewhere", async () => {
  assert.deepEqual(packed, [
    "package/README.md",
    "package/dist/index.d.ts",
    "package/dist/index.js",
    "package/package.json",
  ]);
  for (const file of ["dist/index.js", "dist/index.d.ts"]) {
    assert.doesNotMatch(await read(file), /^\s*import\b|\bfrom\s*['"]|\b(import|require)\s*\(/m, file);
  }
  const { dependencies, peerDependencies } = JSON.parse(await read("package.json"));
  assert.deepEqual([dependencies, peerDependencies], [undefined, undefined]);
});

test("everything that it declares is documented", async () => {
  const lines = (await read("dist/index.d.ts")).split("\n");
  let documented = 0;
  for (const [n, line] of lines.entries()) {
    if (!/^export |^    [\w[].*;$/.test(line)) continue;
    assert.match(lines[n - 1], /\*\/$/, `${line.trim()} has no comment`);
    documented++;
  }
  assert.ok(documented > 40, `${documented} declarations`);
});

test("its types let right calls through, and no wrong ones", async () => {
  await run(TSC, ["--project", home]);
  await run(TSC, ["--project", home, "--module", "nodenext", "--moduleResolution", "nodenext"]);
});

test("on a server it does nothing", async () => {
  const { crumb, load } = await import(pathToFileURL(join(installed, "dist/index.js")));
  load({ src: "/c/crumb.js", site: "demo" });
  crumb("view_cart");
  assert.equal(globalThis.crumb, undefined);
});

test("built by Vite, it loads the pixel once and hands it every call", async (t) => {
  await build({ root: home, configFile: false, logLevel: "error", html: { cspNonce: "bread" } });
  const browser = await launch();
  t.after(() => browser.close());
  const site = await serve(join(home, "dist"));
  t.after(site.close);

  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(site.url, { waitUntil: "domcontentloaded" });

  const [own, loader, ...more] = await scripts(page);
  assert.deepEqual([own.attributes.type, more], ["module", []]);
  assert.deepEqual(loader, {
    nonce: "bread",
    attributes: {
      "async": "",
      "src": "/c/crumb.js",
      "data-site": "demo",
      "data-consent": "required",
      "data-search": "q term",
      "data-filters": "colour",
    },
  });

  const early = [
    ["page", { category: "ceramics" }],
    ["view_item", { items: [{ item_id: "CER-01", price: 89.9 }] }],
    ["consent", "granted"],
  ];
  assert.deepEqual(await page.evaluate(() => window.crumb.q), early);

  await page.click("#again");
  site.release();
  await page.waitForFunction(() => window.told);
  await page.click("#again");
  await page.click("#share");
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(told, [...early, ["share", { method: "whatsapp" }]]);
  assert.equal((await scripts(page)).length, 2, "one loader");
  assert.deepEqual(site.asked, ["/c/crumb.js", "/c/pixel.js"]);
  assert.deepEqual(errors, []);
});

/** The page's script tags. Browsers hide a nonce's attribute, and keep the property. */
const scripts = (page) =>
  page.$$eval("script", (tags) =>
    tags.map(({ nonce, attributes }) => {
      const entries = [...attributes].map(({ name, value }) => [name, value]);
      return { nonce, attributes: Object.fromEntries(entries.filter(([name]) => name !== "nonce")) };
    }),
  );
