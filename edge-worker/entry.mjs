// The entry of the built worker: hands requests to the compiled module, makes the steps that
// each takes, and starts a new instance of the module when one breaks, as it does by a Rust
// panic.
//
// An instance that broke has its memory in no known state, so whatever is under way in it is
// lost: those requests are answered 503, and the pixel sends their batches again (a view
// without JavaScript is lost). The next request meets a fresh instance.

import * as edge from "crumbtrail-edge";

/** How many instances there were before this one. */
let instance = 0;

/** Whatever the module throws is fatal: what it can cope with, it returns. */
function recover(error) {
  console.error("the worker broke; starting a new instance of it", error);
  edge.__wbg_reset_state();
  instance += 1;
}

/** Makes the steps of what `begin` gives: a task, which waits for one promise after another. */
async function run(begin) {
  const own = instance;
  try {
    const task = begin();
    let next = task.step(undefined, false);
    while (next instanceof Promise) {
      let settled;
      let failed = false;
      try {
        settled = await next;
      } catch (error) {
        settled = error;
        failed = true;
      }
      if (own !== instance) throw new Error("the instance that began this broke");
      next = task.step(settled, failed);
    }
    task.free();
    return next;
  } catch (error) {
    if (own === instance) recover(error);
    throw error;
  }
}

function unavailable() {
  const problem = { type: "about:blank", title: "the worker failed", status: 503, code: "failed" };
  return Response.json(problem, {
    status: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "1" },
  });
}

export default {
  async fetch(request, env) {
    try {
      return await run(() => edge.fetch(request, env));
    } catch {
      return unavailable();
    }
  },

  /** Where it fails, the platform hands over all of the messages once more. */
  queue: (batch, env) => run(() => edge.queue(batch, env)),
};
