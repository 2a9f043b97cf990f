// The loader: what a page's one line names. It fetches the pixel once the page has
// nothing better to do, and hands it the calls that waited in the stub.

/** The names of the pixel's files, put in by the build. */
declare const GLUE: string;
declare const MODULE: string;

/** `crumb(...)`, before the pixel is there (with its queue) and after. */
interface Crumb {
  (...args: unknown[]): void;
  q?: ArrayLike<unknown>[];
  /** The sites whose pixel is on this page: pasted twice, the line counts once. */
  on?: Record<string, boolean>;
}

interface Glue {
  default(options: { module_or_path: string }): Promise<unknown>;
  start(site: string, endpoint: string): ((args: unknown[]) => void) | undefined;
}

(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  const site = script?.dataset.site;
  if (!script || !site) {
    console.warn('crumb: the script needs data-site="…"');
    return;
  }
  const page = window as unknown as { crumb?: Crumb };
  // Pages that can't have an inline script paste only this one; the stub is made here.
  const stub: Crumb = (page.crumb ??= (...args) => {
    (stub.q ??= []).push(args);
  });
  const on = (stub.on ??= {});
  if (on[site]) return;
  on[site] = true;
  // Global Privacy Control is a no: nothing is loaded, stored or sent.
  if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) return;

  const file = (name: string) => new URL(name, script.src).href;
  const load = async () => {
    const glue: Glue = await import(file(GLUE));
    await glue.default({ module_or_path: file(MODULE) });
    const command = glue.start(site, file('e'));
    if (!command) return;
    page.crumb = Object.assign((...args: unknown[]) => command(args), { on });
    for (const args of stub.q ?? []) command(Array.from(args));
  };
  const soon = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1));
  const loadOrSay = () => {
    load().catch((error: unknown) => console.warn('crumb: the pixel could not be loaded', error));
  };
  if (document.readyState === 'complete') soon(loadOrSay);
  else addEventListener('load', () => soon(loadOrSay));
})();
