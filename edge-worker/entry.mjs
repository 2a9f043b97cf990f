// The entry of the built worker: hands requests to the compiled module, and
// starts a new instance of it after a trap (a Rust panic ends in one).
//
// A trap leaves the instance's memory in no known state, so whatever is under
// way in it is lost: those requests are answered 503 at once, and the pixel
// sends their batches again. The next request meets a fresh instance.

import * as edge from "crumbtrail-edge";

/** For each request under way: rejects its answer. */
const underWay = new Set();

function recover(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error("the worker's module trapped; starting a new instance", error);
  edge.__wbg_reset_state();
  for (const abandon of underWay) abandon(error);
  underWay.clear();
}

// Futures are polled in microtasks of their own: a trap there reaches nobody's
// promise, only this.
addEventListener("error", (event) => recover(event.error));

function unavailable() {
  const problem = { type: "about:blank", title: "the worker failed", status: 503, code: "failed" };
  return Response.json(problem, {
    status: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "1" },
  });
}

export default {
  async fetch(request, env, context) {
    const { promise: abandoned, reject: abandon } = Promise.withResolvers();
    underWay.add(abandon);
    try {
      return await Promise.race([edge.fetch(request, env, context), abandoned]);
    } catch (error) {
      // Already recovered from, if it came by way of `abandon`.
      if (underWay.has(abandon)) recover(error);
      return unavailable();
    } finally {
      underWay.delete(abandon);
    }
  },
};
