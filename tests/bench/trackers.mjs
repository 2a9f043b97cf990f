// The trackers whose main-thread time is measured: how each is installed, by its own
// documentation with its defaults, and what its server answers.
//
// A tracker: `install` (lines for the page's head), `files` (path → [type, bytes]) and
// `answer(method, path)` → { event, status, type, body } for what else it asks for, where
// `event` says that the request carries what was recorded. Undefined is a 404.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundle, packageFile, packageVersion } from "./peers.mjs";

const TYPES = {
  js: "text/javascript",
  wasm: "application/wasm",
};

/** All of them, in the order in which a round visits them; `assets` holds our own files. */
export async function trackers(assets) {
  return { none: none(), ours: ours(assets), plausible: await plausible(), posthog: posthog() };
}

function none() {
  return { install: "", files: {}, answer: () => undefined };
}

/** The line of README.md's "Paste the snippet". The edge answers a batch with 204. */
function ours(assets) {
  const names = readdirSync(assets).filter((name) => TYPES[ending(name)]);
  const files = names.map((name) => [`/c/${name}`, file(join(assets, name))]);
  return {
    install: `<script>window.crumb=window.crumb||function(){(crumb.q=crumb.q||[]).push(arguments)}</script><script async src="/c/crumb.js" data-site="demo"></script>`,
    files: Object.fromEntries(files),
    answer: (method, path) =>
      method === "POST" && path === "/c/e" ? { event: true, status: 204 } : undefined,
  };
}

/**
 * The package's documented use, `init({ domain })`, bundled; `endpoint` as its proxying
 * guide says. Outbound links, downloads and forms are off unless asked for.
 */
async function plausible() {
  const script = await bundle(`
    import { init } from "@plausible-analytics/tracker";
    init({ domain: "shop.localhost", endpoint: "/api/event" });
  `);
  return {
    install: `<script defer src="/plausible.js"></script>`,
    files: { "/plausible.js": [TYPES.js, script] },
    answer: (method, path) =>
      method === "POST" && path === "/api/event"
        ? { event: true, status: 202, type: "text/plain", body: "ok" }
        : undefined,
  };
}

/**
 * The HTML snippet of its documentation without the stubs of methods that nobody calls
 * here: a queue, and `/static/array.js` put before the first script. `defaults` is the
 * newest date that the package knows; `api_host` is a reverse proxy, as documented.
 */
function posthog() {
  const token = "phc_bench";
  return {
    install: `<script>
!function(d,p){window.posthog=p;p.__SV=1;p._i=[];p.people=[];p.init=function(t,c,n){
var s=d.createElement("script");s.type="text/javascript";s.crossOrigin="anonymous";s.async=!0;
s.src=c.api_host+"/static/array.js";var f=d.getElementsByTagName("script")[0];f.parentNode.insertBefore(s,f);
p._i.push([t,c,n||"posthog"])}}(document,[]);
posthog.init("${token}",{api_host:location.origin,defaults:"2026-08-30",person_profiles:"identified_only"})
</script>`,
    files: posthogFiles(),
    answer(method, path) {
      if (path === `/array/${token}/config.js`) return posthogConfig(token);
      if (path.startsWith("/flags")) return json({ flags: {}, errorsWhileComputingFlags: false });
      const collects = method === "POST" && /^\/(i\/v0\/e|e|batch)\/?$/.test(path);
      return collects ? { event: true, ...json({ status: "Ok" }) } : undefined;
    },
  };
}

/**
 * array.js fetches what it needs later from beside it, by its version. Even where the
 * project has no surveys, it fetches surveys.js.
 */
function posthogFiles() {
  const dist = packageFile("posthog-js", "dist");
  const version = packageVersion("posthog-js");
  const names = readdirSync(dist).filter((name) => name.endsWith(".js"));
  return Object.fromEntries(
    names.flatMap((name) => {
      const found = file(join(dist, name));
      return [`/static/${name}`, `/static/${version}/${name}`].map((path) => [path, found]);
    }),
  );
}

/**
 * What a new cloud project answers by the defaults of PostHog's `posthog/models/team` and
 * `remote_config.py`: autocapture on; no recording, surveys, heatmaps, dead clicks, web
 * vitals or error tracking, and no flags. Most of these can be switched on in the project,
 * and then more is loaded and run: this is PostHog at its cheapest.
 */
function posthogConfig(token) {
  const config = {
    token,
    supportedCompression: ["gzip", "gzip-js"],
    hasFeatureFlags: false,
    captureDeadClicks: false,
    capturePerformance: { network_timing: true, web_vitals: false, web_vitals_allowed_metrics: null },
    autocapture_opt_out: false,
    autocaptureExceptions: false,
    analytics: { endpoint: "/i/v0/e/" },
    elementsChainAsString: true,
    sessionRecording: false,
    surveys: false,
    heatmaps: false,
    defaultIdentifiedOnly: true,
    siteApps: [],
  };
  const body = `(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};
window._POSTHOG_REMOTE_CONFIG["${token}"]={config:${JSON.stringify(config)},siteApps:[]}})()`;
  return { status: 200, type: TYPES.js, body };
}

function json(value) {
  return { status: 200, type: "application/json", body: JSON.stringify(value) };
}

function file(path) {
  return [TYPES[ending(path)], readFileSync(path)];
}

function ending(name) {
  return name.slice(name.lastIndexOf(".") + 1);
}
