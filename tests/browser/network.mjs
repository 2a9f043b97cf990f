// The network of one visitor: a proxy between the browser and the real shop with its worker.
// It sees every request as it goes over the wire, beacons of dying pages among them, which
// no hook within the browser does; and it stands in for hosts and pages that there aren't.

import { Agent, createServer, request as ask } from "node:http";
import { readAttempt } from "./wire.mjs";

/** A connection for each request: one that is kept may be closed by the shop in the very moment
 * in which it is used again, and a beacon is not sent twice. */
const APART = new Agent({ keepAlive: false });

/** A page that goes sends its last within this time. */
const QUIET_MS = 250;

/** What a page without a picture asks for; nobody's mistake. */
const NOTHING = { status: 204, body: "" };

export class Network {
  /** Every request: { at, host, path, query, method, headers, body, status, refused, broken }. */
  requests = [];
  #pages = new Map([["/favicon.ico", NOTHING]]);
  #answers = [];
  #open = 0;
  #last = Date.now();

  static async start(shop) {
    const network = new Network();
    network.shop = new URL(shop);
    network.server = createServer((request, response) => network.#pass(request, response));
    await new Promise((done) => network.server.listen(0, "127.0.0.1", done));
    network.address = `http://127.0.0.1:${network.server.address().port}`;
    return network;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Answers a path, of the shop or of any other host, with this in place of the shop. */
  serve(path, body, { status = 200, ...headers } = {}) {
    this.#pages.set(decodeURI(path), { status, body, headers });
  }

  /** Answers the next such request by `answer(pass)` in place of the shop, where `pass`
   * asks the real one; `undefined` breaks the connection. */
  once(path, answer) {
    this.#answers.push({ path, answer });
  }

  /** All batches that went over the wire, as they were sent. */
  get attempts() {
    return this.posts("/c/e").map(({ at, status, broken, body }) => {
      return { at, status, broken, ...readAttempt(body) };
    });
  }

  /** Waits until everything that was asked has been answered. */
  async quiet() {
    const from = Date.now();
    const busy = () => Math.max(from, this.#last) > Date.now() - QUIET_MS || this.#open > 0;
    while (busy()) await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 5));
  }

  posts(path) {
    return this.requests.filter((request) => request.method === "POST" && request.path === path);
  }

  async #pass(request, response) {
    this.#open++;
    await this.#handle(request, response);
    this.#open--;
    this.#last = Date.now();
  }

  async #handle(request, response) {
    const url = new URL(request.url, this.shop);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const seen = {
      at: Date.now(),
      method: request.method,
      host: url.host,
      path: decodeURI(url.pathname),
      query: url.search,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    this.requests.push(seen);
    try {
      const { status, headers, body } = await this.#answer(seen, request);
      seen.status = status;
      seen.refused = headers?.["crumb-refused"];
      response.writeHead(status, headers);
      response.end(body);
    } catch (error) {
      seen.broken = error.message;
      response.destroy();
    }
  }

  #answer(seen, request) {
    const pass = () => this.#forward(seen, request);
    const at = this.#answers.findIndex(({ path }) => path === seen.path);
    if (at >= 0) return this.#answers.splice(at, 1)[0].answer(pass);
    const page = this.#pages.get(seen.path);
    if (!page) return pass();
    const headers = { "content-type": "text/html; charset=utf-8", ...page.headers };
    return { status: page.status, headers, body: page.body };
  }

  #forward({ method, body }, { url, headers }) {
    if (new URL(url, this.shop).host !== this.shop.host) throw new Error("nobody is there");
    return new Promise((done, failed) => {
      const asked = ask(url, { method, headers, agent: APART }, async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        const { "transfer-encoding": _, ...rest } = answer.headers;
        done({ status: answer.statusCode, headers: rest, body: Buffer.concat(chunks) });
      });
      asked.on("error", failed);
      asked.end(body);
    });
  }
}
