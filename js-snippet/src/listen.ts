// What a visitor does: clicks, input, forms, and the page being shown and hidden.

import { followDataLayer } from './adapters';
import { By, command } from './commands';
import { decode } from './page';
import { flush, send } from './send';
import { What, clean, lines, safely, tell } from './tell';
import { see } from './view';

/** How often the module is told that time goes by. */
const TICK_MS = 5_000;
/** How soon a page view is sent. */
const SOON_MS = 1_000;
/** How often the depth of a scrolling page is measured. */
const SCROLL_MS = 1_000;

/** What a click may be on: the nearest of these, outwards. */
const CLICKABLE =
  'a[href],area[href],button,summary,[role=button],[data-crumb-cta],[data-crumb-event],' +
  'input[type=submit],input[type=button],input[type=image]';

const on = <E extends Event>(target: EventTarget, names: string, act: (event: E) => void) => {
  for (const name of names.split(' ')) {
    target.addEventListener(name, safely(act) as EventListener, { capture: true, passive: true });
  }
};

/** The lower edge of the window, in percent of the page's height. */
const depth = () =>
  Math.min(100, Math.round((100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight));

/** What the attributes of an element tell: `data-crumb-event`, and GA4's names with hyphens. */
const tellMarked = (element: HTMLElement) => {
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(element.dataset)) {
    if (name.startsWith('crumb')) {
      params[name.slice(5).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).slice(1)] = value;
    }
  }
  command(By.Site, params.event, { ...params, items: params.item_id ? [params] : [] });
};

/** Elements that tell something by being there rather than by being used. */
const tellShown = () => {
  for (const element of document.querySelectorAll<HTMLElement>('[data-crumb-event]')) {
    if (!element.matches(`${CLICKABLE.replace('[data-crumb-event],', '')},form`)) tellMarked(element);
  }
};

const click = (event: MouseEvent) => {
  // Scripts click as well; that is nobody's doing. The middle button opens a tab.
  if (!event.isTrusted || event.button > 1) return;
  const target = event.composedPath()[0];
  const element = target instanceof Element && target.closest<HTMLAnchorElement>(CLICKABLE);
  if (!element) return;
  see();
  const isLink = 'pathname' in element && !/^javascript/.test(element.protocol);
  const text =
    clean(element.textContent) ||
    (element as { value?: unknown }).value ||
    element.getAttribute('aria-label') ||
    element.querySelector('img')?.alt;
  const cta = element.closest('[data-crumb-cta]')?.getAttribute('data-crumb-cta');
  tell(
    What.Click,
    0,
    lines(
      text,
      cta === '' ? text : cta,
      element.hasAttribute('download') ? 1 : '',
      ...(isLink
        ? [
            element.protocol,
            element.host + element.pathname,
            element.host,
            decode(element.pathname),
            element.search,
            `${/\.\w+$/.exec(element.pathname)?.[0].toLowerCase()}.`,
          ]
        : []),
    ),
  );
  if (element.dataset?.crumbEvent && !element.matches('form')) tellMarked(element);
};

/** What a form is called: never what is in it. */
const formName = (form: Element) => {
  const [name] = ['data-crumb-form', 'id', 'name', 'action'].map((n) => form.getAttribute(n)).filter(Boolean);
  return clean(name?.replace(/[?#].*/, '') || 'form');
};

export const listen = () => {
  on(document, 'click auxclick', click);
  on(document, 'submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    see();
    tell(What.FormSubmit, 0, formName(form));
    if (form.dataset.crumbEvent) tellMarked(form);
  });

  // Input is noted, and told when it matters: the first after a pause at once, the last with
  // its own time before the module looks at the time. Media that play count as well.
  let latest = 0;
  let told = 0;
  const tellInput = () => {
    if (latest > told) {
      told = latest;
      tell(What.Input, depth(), '', latest);
    }
  };
  const note = safely(({ timeStamp }: Event) => {
    const pause = timeStamp - latest;
    latest = timeStamp;
    if (pause > TICK_MS) tellInput();
  });
  on(document, 'pointerdown timeupdate', note);
  const begun = new WeakSet<Element>();
  on(document, 'input change', (event) => {
    note(event);
    const { form } = event.target as HTMLInputElement;
    if (event.isTrusted && form && !begun.has(form)) {
      begun.add(form);
      see();
      tell(What.FormStart, 0, formName(form));
    }
  });
  // The pointer tells of itself a hundred times a second: once a tick is enough.
  const awaitPointer = () => document.addEventListener('pointermove', note, { once: true, passive: true });
  // The depth is measured as it is reached, for it may be left again.
  on(document, 'scroll', ({ timeStamp }) => {
    latest = timeStamp;
    if (timeStamp - told > SCROLL_MS) tellInput();
  });

  const tick = safely(() => {
    see();
    followDataLayer();
    tellInput();
    tell(What.Tick, depth());
    awaitPointer();
    send();
  });
  const hide = () => {
    see();
    followDataLayer();
    tellInput();
    tell(What.Tick, depth());
    tell(What.Shown, 0);
  };
  const isVisible = () => document.visibilityState === 'visible';
  on(document, 'visibilitychange', () => {
    if (isVisible()) {
      tell(What.Shown, 1);
      tick();
    } else {
      hide();
      flush();
    }
  });
  on(window, 'pagehide', () => {
    hide();
    tell(What.Left);
    flush();
  });
  if (isVisible()) tell(What.Shown, 1);
  setTimeout(() => {
    tick();
    safely(tellShown)();
  }, SOON_MS);
  setInterval(tick, TICK_MS);
};
