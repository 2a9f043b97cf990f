// What a visitor does: clicks, input, forms, and the page being shown and hidden.

import { followDataLayer, remember, tellCartForm } from './adapters';
import { By, command } from './commands';
import { awaitInput, depth, formName, listenToInput, note, on, tellInput } from './input';
import { decode } from './page';
import { flush, join, send } from './send';
import { What, clean, lines, safely, tell } from './tell';
import { see } from './view';

/** How often the module is told that time goes by. */
const TICK_MS = 5_000;
/** How soon a page view is sent. */
const SOON_MS = 1_000;
/** Every so many ticks something is sent. */
const SEND_TICKS = 2;

/** What a click may be on: the nearest of these, or of those that tell something, outwards. */
const CLICKABLE =
  'a[href],area[href],button,summary,[role=button],[data-crumb-cta],' +
  'input[type=submit],input[type=button],input[type=image]';

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
    if (!element.matches(`${CLICKABLE},form`)) tellMarked(element);
  }
};

const click = (event: MouseEvent) => {
  const target = event.composedPath()[0];
  remember(target);
  // Scripts click as well; that is nobody's doing. The middle button opens a tab.
  if (!event.isTrusted || event.button > 1) return;
  const element = target instanceof Element && target.closest<HTMLAnchorElement>(`${CLICKABLE},[data-crumb-event]`);
  if (!element) return;
  note(event);
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
      element.hasAttribute('download') && 1,
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

export const listen = () => {
  on(document, 'click auxclick', click);
  on(document, 'submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    see();
    tell(What.FormSubmit, 0, formName(form));
    if (form.dataset.crumbEvent) tellMarked(form);
    tellCartForm(form);
  });
  listenToInput();

  /** Whatever there is to know now. */
  const look = () => {
    see();
    followDataLayer();
    tellInput();
    tell(What.Tick, depth());
  };
  let ticks = 0;
  const tick = safely(() => {
    look();
    awaitInput();
    if (ticks++ % SEND_TICKS === 0) send();
  });
  const hide = () => {
    look();
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
  on(window, 'storage', join);
  if (isVisible()) tell(What.Shown, 1);
  setTimeout(() => {
    tick();
    safely(tellShown)();
  }, SOON_MS);
  setInterval(tick, TICK_MS);
};
