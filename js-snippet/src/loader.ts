// The loader: what a page's one line names. It fetches the pixel once the page has
// nothing better to do, and hands it the calls that waited in the stub.

import type { Start, Stub } from './start';

/** The names of the pixel's files, put in by the build: as WebAssembly, and as plain JS. */
declare const PIXEL: string;
declare const PLAIN: string;

(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  if (!script?.dataset.site) {
    console.warn('crumb: no data-site');
    return;
  }
  const page = window as unknown as { crumb?: Stub };
  // Pages that can't have an inline script paste only this one; the stub is made here.
  const stub: Stub = (page.crumb ??= (...args) => {
    (stub.q ??= []).push(args);
  });
  // Pasted twice, the line counts once.
  if (stub.on) return;
  stub.on = true;
  // Global Privacy Control is a no: nothing is loaded, stored or sent.
  if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) {
    page.crumb = Object.assign(() => {}, { on: true });
    return;
  }

  const file = (name: string) => new URL(name, script.src).href;
  const load = async (name: string) =>
    ((await import(file(name))) as { start: Start }).start(script.dataset, file, stub);
  const go = () => {
    // Where WebAssembly is refused or missing, the same module as plain JS takes its place.
    load(PIXEL)
      .catch(() => load(PLAIN))
      .catch((error: unknown) => {
        navigator.sendBeacon(file('x'), `${script.dataset.site}\nload: ${error}`.slice(0, 160));
      });
  };
  // A page that is never idle is recorded all the same.
  const idle = () =>
    'requestIdleCallback' in window ? requestIdleCallback(go, { timeout: 3_000 }) : setTimeout(go);
  const whenLoaded = () => {
    if (document.readyState === 'complete') idle();
    else addEventListener('load', idle);
  };
  // A page that is rendered ahead may never be seen.
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', whenLoaded);
  } else whenLoaded();
})();
