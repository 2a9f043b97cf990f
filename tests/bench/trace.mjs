// Main-thread time of one visit, from a trace of the browser.
//
// The measure: CPU time of the page's main thread from where the browser enters the page's
// code to where it leaves it (scripts evaluated, events dispatched, timers, idle callbacks,
// microtasks; compiling, WebAssembly, garbage collection), and of style and layout wherever
// they happen, for a script that asks for a size only moves them. Nested spans count once.
//
// Why not `ScriptDuration` of Performance.getMetrics: it misses WebAssembly's compiling and
// finishing, garbage collection, dispatching events to listeners that would not be there
// otherwise, and all that happens as the page is left. Why not the whole thread: drawing
// frames is ten times what a small tracker takes, and varies by more than that. Why CPU and
// not the clock: with two cores the browser's other threads take turns with this one; the
// clock showed up to twice the time from one visit to the next, CPU a tenth. It leaves out
// waiting (for storage, say), so time by the clock is reported beside it.

/**
 * No more than needed: with `toplevel` a trace is ten times as long and costs time itself.
 * `v8.execute` is needed: what runs after an `await`, such as the start of a WebAssembly
 * module, is in its microtasks and nowhere else.
 */
const CATEGORIES = ["devtools.timeline", "v8", "v8.execute", "v8.wasm"];

const ENTERED = new Set([
  "EvaluateScript",
  "EventDispatch",
  "FireAnimationFrame",
  "FireIdleCallback",
  "FunctionCall",
  "Layout",
  "MajorGC",
  "MinorGC",
  "RunMicrotasks",
  "TimerFire",
  "UpdateLayoutTree",
  "XHRLoad",
  "XHRReadyStateChange",
]);

const LEAVING = "bench: leaving";

/** Starts tracing; `leaving()` marks the page's end, `stop(origin)` measures its pages. */
export async function startTrace(browser, page) {
  await browser.startTracing(page, { categories: CATEGORIES });
  return {
    leaving: () => page.evaluate((mark) => console.timeStamp(mark), LEAVING),
    async stop(origin) {
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
      return measure(traceEvents, origin);
    },
  };
}

/** `{ cpu_ms, clock_ms, leaving_cpu_ms }` of the main thread that parsed `origin`'s page. */
export function measure(events, origin) {
  const main = events.find(
    ({ name, args }) => name === "ParseHTML" && args.beginData?.url?.startsWith(origin),
  );
  if (!main) throw new Error(`the trace has no page of ${origin}`);
  const own = events.filter(({ pid, tid }) => pid === main.pid && tid === main.tid);
  const left = own.find(({ name, args }) => name === "TimeStamp" && args.data?.message === LEAVING);
  if (!left) throw new Error(`the trace of ${origin} doesn't say when the page was left`);
  const spans = outermost(own.filter(isEntered));
  if (!spans.some(({ tdur }) => tdur > 0)) throw new Error("the trace has no CPU times");
  const sum = (of, key) => of.reduce((total, span) => total + (span[key] ?? 0), 0) / 1000;
  return {
    cpu_ms: sum(spans, "tdur"),
    clock_ms: sum(spans, "dur"),
    leaving_cpu_ms: sum(spans.filter(({ ts }) => ts > left.ts), "tdur"),
  };
}

function isEntered({ ph, name, cat }) {
  return ph === "X" && (ENTERED.has(name) || cat.split(",").some((one) => /^v8(\.|$)/.test(one)));
}

/** The spans that lie in no other one. */
function outermost(spans) {
  let end = 0;
  return spans
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur)
    .filter(({ ts, dur }) => {
      if (ts < end) return false;
      end = ts + dur;
      return true;
    });
}
