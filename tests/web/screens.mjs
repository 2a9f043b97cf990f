// The app's screens, each with what is there once it is drawn; and what axe knows of accessibility.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

export const LOCALES = { en: "en-GB", he: "he-IL" };
/** The segment `regulars` of the screens; `buyers` is of those who ordered. */
export const REGULARS = { kind: "contact", field: "city", op: "in", value: ["תל אביב", "רמת גן"] };
const DEFINITION = {
  all: [
    REGULARS,
    {
      any: [
        { kind: "event", event: "add_to_cart", where: [{ field: "items.category", op: "eq", value: "Bowls" }], window: { last: { n: 1, unit: "month" } } },
        { kind: "order", measure: { sum: "value_cents" }, compare: { gte: 10_000 } },
      ],
    },
    { not: { kind: "last", of: "visit", window: { last: { n: 2, unit: "day" } } } },
  ],
};
/** By their names: the address on a site, and what is there once it is drawn. A person is one of the `regulars`. */
export const screens = (person) => ({
  overview: ["overview", ".top li"],
  segments: ["segments", ".spark"],
  templates: ["segments/templates", ".gallery li"],
  builder: [`segments/new?definition=${encodeURIComponent(JSON.stringify(DEFINITION))}`, ".count output"],
  members: ["segments/regulars?tab=people", "tbody a"],
  changes: ["segments/regulars?tab=changes", "canvas"],
  overlap: ["segments/regulars?tab=overlap&with=buyers", "meter"],
  history: ["segments/regulars?tab=history", "tbody tr"],
  json: ["segments/regulars?tab=json", "textarea"],
  people: ["people", "tbody a"],
  person: [`people/${person}?segment=regulars`, ".why li"],
  live: ["live", "table"],
  import: ["data?tab=import", ".react-aria-DropZone"],
  fields: ["data?tab=fields", "tbody tr"],
  groups: ["data?tab=groups", "table"],
  keys: ["data?tab=keys", "table"],
  site: ["data?tab=site", "form"],
  sites: ["data?tab=sites", "form"],
  audit: ["data?tab=audit", "tbody tr"],
  install: ["install?page=http://127.0.0.1:1/", ".checks [data-verdict=bad]"],
  users: ["users", "tbody tr"],
});

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, in a line each. */
export async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}
