// What the backend tells of events as they come (`GET /v1/sites/{site}/live`), kept for a test.

import assert from "node:assert/strict";

const { BACKEND, READ_KEY } = process.env;
/** What was acknowledged is stored within this time. */
const PATIENCE_MS = 20_000;

export class Live {
  #told = [];
  #stop = new AbortController();

  /** Watches a site from here on. */
  static async watch(site) {
    const live = new Live();
    const answer = await fetch(`${BACKEND}/v1/sites/${site}/live`, {
      headers: { authorization: `Bearer ${READ_KEY}` },
      signal: live.#stop.signal,
    });
    assert.equal(answer.status, 200);
    live.#read(answer.body);
    return live;
  }

  stop() {
    this.#stop.abort();
  }

  async #read(body) {
    let text = "";
    try {
      for await (const piece of body.pipeThrough(new TextDecoderStream())) {
        const events = (text + piece).split("\n\n");
        text = events.pop();
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data) this.#told.push(JSON.parse(data));
        }
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  /** The events with this outcome so far that `is` is true for. */
  events(outcome, is) {
    return this.#told.filter((told) => told.outcome === outcome && is(told.event ?? told));
  }

  /** Waits until `is` is true. */
  async until(is) {
    const end = Date.now() + PATIENCE_MS;
    while (!is()) {
      assert.ok(Date.now() < end, "it was not told in time");
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
