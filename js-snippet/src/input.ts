// Input: whether somebody is there, how deep they have seen, which forms they begin.
//
// It comes a hundred times a second, so as little as can be is done with it: it is noted,
// and told when it matters, with its own time; and what comes most often is listened to
// once at a time.

import { What, clean, safely, tell } from './tell';
import { see } from './view';

/** After a pause of this length, input is told at once. */
const PAUSE_MS = 5_000;
/** The depth of a page that scrolls is measured so often. */
const SCROLL_MS = 2_000;

let latest = 0;
let told = 0;

const add = (target: EventTarget, names: string, act: (event: any) => void, once = false) => {
  for (const name of names.split(' ')) {
    target.addEventListener(name, act, { capture: true, passive: true, once });
  }
};

/** Listens, before the page does, and never fails. */
export const on = <E extends Event>(target: EventTarget, names: string, act: (event: E) => void) =>
  add(target, names, safely(act));

/** The lower edge of the window, in percent of the page's height. */
export const depth = () =>
  Math.min(100, Math.round((100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight));

/** What a form is called: never what is in it. */
export const formName = (form: Element) => {
  const [name] = ['data-crumb-form', 'id', 'name', 'action'].map((n) => form.getAttribute(n)).filter(Boolean);
  return clean(name?.replace(/[?#].*/, '') || 'form');
};

/** Tells the latest input, if it wasn't: before the module looks at the time. */
export const tellInput = () => {
  if (latest > told) {
    told = latest;
    tell(What.Input, depth(), '', latest);
  }
};

export const note = safely(({ timeStamp }: Event) => {
  const pause = timeStamp - latest;
  latest = timeStamp;
  if (pause > PAUSE_MS) tellInput();
});

const begun = new WeakSet<Element>();
const fill = safely((event: Event) => {
  note(event);
  const { form } = event.target as HTMLInputElement;
  if (event.isTrusted && form && !begun.has(form)) {
    begun.add(form);
    see();
    tell(What.FormStart, 0, formName(form));
  }
});

// The depth is measured while it scrolls, for it may be left again.
const scrolled = safely(({ timeStamp }: Event) => {
  latest = timeStamp;
  setTimeout(measure, SCROLL_MS);
});
const measure = () => {
  safely(tellInput)();
  add(document, 'scroll', scrolled, true);
};

/** Listens to the next of what comes often; called again with every tick. */
export const awaitInput = () => {
  add(document, 'mousemove', note, true);
  add(document, 'input', fill, true);
};

export const listenToInput = () => {
  // Media that play count as being there.
  add(document, 'touchstart timeupdate', note);
  // A field that was filled says so once more when it is left.
  add(document, 'change', fill);
  measure();
};
