// The one server of a run: it serves each tracker's shop under a host name of its own and
// counts the events that arrive. It is the browser's proxy as well, which refuses whatever
// a tracker asks of anybody else: nothing leaves the machine, and every try is known.
//
// A proxy and not Playwright's request interception, since that goes through the page's
// requests one by one and may lose the beacons of a page that is left.

import { createServer } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { LEFT_PAGE, shopPage } from "./page.mjs";

/** A secure context, as a shop's page is, and none of the names that trackers skip. */
const DOMAIN = "shop.localhost";

/** Starts it on a free port, for trackers by their names. */
export async function serve(trackers) {
  const sites = Object.entries(trackers).map(([name, tracker]) => [name, site(tracker)]);
  const byName = Object.fromEntries(sites);
  let refused = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`);
    const name = url.hostname.split(".")[0];
    if (!url.hostname.endsWith(`.${DOMAIN}`) || !byName[name]) {
      refused.push(url.host);
      return response.writeHead(502).end();
    }
    take(request, () => byName[name].serve(request, url.pathname, response));
  });
  server.on("connect", (request, socket) => {
    refused.push(request.url);
    socket.end("HTTP/1.1 502 Refused\r\n\r\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    proxy: { server: `http://127.0.0.1:${port}`, bypass: `*.${DOMAIN}` },
    origin: (name) => `http://${name}.${DOMAIN}:${port}`,
    /** What a tracker's server saw so far: events taken, and requests it could not answer. */
    seen: (name) => structuredClone(byName[name].seen),
    /** Whom the browser asked besides, since the last time; once each. */
    takeRefused() {
      const hosts = [...new Set(refused)];
      refused = [];
      return hosts;
    },
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

function site(tracker) {
  const page = shopPage(tracker.install);
  const packed = new Map();
  const seen = { events: 0, unanswered: [] };

  /** Compressed once, as a CDN does, so that the server costs the browser's cores nothing. */
  function send(request, response, path, type, body) {
    const encoding = /\b(br|gzip)\b/.exec(request.headers["accept-encoding"] ?? "")?.[1];
    const key = `${encoding} ${path}`;
    if (!packed.has(key)) packed.set(key, pack(encoding, body));
    const headers = { "content-type": type, "cache-control": "no-store" };
    if (encoding) headers["content-encoding"] = encoding;
    response.writeHead(200, headers).end(packed.get(key));
  }

  return {
    seen,
    serve(request, path, response) {
      const file = tracker.files[path];
      if (file) return send(request, response, path, ...file);
      const answer = tracker.answer(request.method, path);
      if (answer) {
        if (answer.event) seen.events += 1;
        const headers = answer.type ? { "content-type": answer.type } : {};
        return response.writeHead(answer.status, headers).end(answer.body);
      }
      const isPage = request.method === "GET" && /^\/($|category\/|product\/)/.test(path);
      if (isPage) return send(request, response, "page", "text/html", page);
      if (path === "/left") return send(request, response, "left", "text/html", LEFT_PAGE);
      seen.unanswered.push(`${request.method} ${path}`);
      response.writeHead(404).end();
    },
  };
}

/** Reads the body to its end before answering, as any server of these does. */
function take(request, answer) {
  request.on("end", answer).resume();
}

function pack(encoding, body) {
  if (encoding === "br") return brotliCompressSync(body);
  if (encoding === "gzip") return gzipSync(body);
  return body;
}
