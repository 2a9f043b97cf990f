// The entry of the built worker: hands requests to the compiled module, and
// starts a new instance of it when one breaks, as it does by a Rust panic.
//
// An instance that broke has its memory in no known state, so whatever is under
// way in it is lost: those requests are answered 503 at once, and the pixel
// sends their batches again (a view without JavaScript is lost). The next
// request meets a fresh instance.

import * as edge from "crumbtrail-edge";

/** For each request under way: rejects its answer. */
const underWay = new Set();

/** Whatever the module throws is fatal: what it can cope with, it returns. */
function recover(error) {
  console.error("the worker broke; starting a new instance of it", error);
  edge.__wbg_reset_state();
  for (const abandon of underWay) abandon(error);
  underWay.clear();
}

// The module polls its futures in microtasks of their own. What is thrown there
// is part of nobody's promise and arrives only here.
addEventListener("error", (event) => recover(event.error));

function unavailable() {
  const problem = { type: "about:blank", title: "the worker failed", status: 503, code: "failed" };
  return Response.json(problem, {
    status: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "1" },
  });
}

/** Waits for what the module does, and starts a new instance where it breaks. */
async function attempt(act) {
  const { promise: abandoned, reject: abandon } = Promise.withResolvers();
  underWay.add(abandon);
  try {
    return await Promise.race([act(), abandoned]);
  } catch (error) {
    // Already recovered from, if it came by way of `abandon`.
    if (underWay.has(abandon)) recover(error);
    throw error;
  } finally {
    underWay.delete(abandon);
  }
}

export default {
  fetch: (request, env, context) =>
    attempt(() => edge.fetch(request, env, context)).catch(unavailable),

  /** Where it fails, the platform hands over all of the messages once more. */
  queue: (batch, env) => attempt(() => edge.queue(batch, env)),
};
