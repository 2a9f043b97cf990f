// What each tracker records without any code of the site's, installed as its documentation
// says with its defaults. Not measured: read from each one's documentation and source.
//
// Sources, at the versions of package-lock.json:
//   ours        README.md "Paste the snippet"; pixel-wasm/src/
//   posthog     posthog.com/docs/libraries/js; posthog-js lib/src/{posthog-core,page-view,
//               scroll-manager,retry-queue}.js, @posthog/browser-common dist/{autocapture,
//               rageclick}.mjs; what a project can switch on counts as off
//   plausible   its README.md (options and their defaults), plausible.js; that queries are
//               dropped: plausible.io/docs/custom-query-params
//   jitsu       @jitsu/js dist/web/p.js.txt: it calls page() once, and sends by one fetch
//   mixpanel    its README.md (`autocapture: true`), src/autocapture/index.js (the defaults),
//               src/{mixpanel-core,request-queue,utils}.js
//   rudderstack its README.md; the snippet's page(); rudderstack.com/docs "Autotrack Page
//               View Metrics" (off by default); dist/npm/modern/bundled/esm/index.mjs (XhrQueue)

import { table } from "./table.mjs";

const TRACKERS = ["ours", "posthog", "plausible", "jitsu", "mixpanel", "rudderstack"];

/** A mark for each tracker, in that order: y(es), n(o), or the number of a note: in part. */
const RECORDS = [
  ["page views", "y y y y y y"],
  ["pages shown by history.pushState", "y y y n y n"],
  ["active time on the page", "y 1 y n n n"],
  ["scroll depth", "y y y n y n"],
  ["clicks on links, buttons, calls to action", "y y n n y n"],
  ["outbound links", "y y 2 n 3 n"],
  ["downloads", "y 3 2 n 3 n"],
  ["links to mail, phone, WhatsApp", "y 3 n n 3 n"],
  ["shares", "y 3 n n 3 n"],
  ["forms begun and left", "y 4 n n 4 n"],
  ["forms sent", "y y 2 n y n"],
  ["site search and filters", "y 5 n 5 5 5"],
  ["shop events of the GA4 dataLayer", "y n n n n n"],
  ["product and category from JSON-LD", "y n n n n n"],
  ["campaigns (utm)", "y y y y y y"],
  ["rage clicks", "n y n n y n"],
  ["dead clicks", "n n n n y n"],
  ["unsent events outlive the page", "y 6 n n y y"],
];

const NOTES = [
  "time between two page views by the clock, hidden or idle time with it",
  "an option of init, off by default",
  "recorded as clicks with their address, not told apart",
  "changes of single fields, not of the form",
  "the query stays in the page view's address; nobody reads the search from it",
  "tried again up to 10 times while the page lives",
];

export function recordsTable() {
  const rows = RECORDS.map(([what, marks]) => [what, ...marks.split(" ").map(said)]);
  const notes = NOTES.map((note, place) => `  (${place + 1}) ${note}.`);
  return `${table(["recorded by itself", ...TRACKERS], rows)}\n\n${notes.join("\n")}`;
}

function said(mark) {
  return { y: "yes", n: "no" }[mark] ?? `part (${mark})`;
}
