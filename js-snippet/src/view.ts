// Which page is in view: told when it is loaded, comes back, or an application puts
// another in its place.

import { type Address, type Names, changedFilters, readAddress } from './address';
import { By, props } from './commands';
import { depth, tellInput } from './input';
import { type Naming, facts, leaveJsonLd, parse, path } from './page';
import { What, lines, safely, tell } from './tell';

/** After an address changed, its page is read when the application has built it. */
const SETTLE_MS = 1_000;

let names: Names;
let address: Address;
const nobody = (): Naming => [undefined, undefined];
let called = nobody();
let layered = nobody();
/** What the address bar said when it was last looked at. */
let here = '';
let lastPath: string;
/** The page is yet to be read, and as what. */
let unread: What | undefined = What.Page;
/** It was come back to: what its address says was said before. */
let isBack = false;

const look = () => path() + location.search;

/** The address of the page that led here, if it was this one with other parameters. */
const before = () => {
  const led = parse(document.referrer);
  if (led?.host === location.host && led.pathname === location.pathname) {
    return readAddress(led.search, names);
  }
};

/** Tells what the address says that the one before didn't. */
const tellNews = (last: Address | undefined) => {
  const { term, filters } = address;
  if (term && term !== last?.term) tell(What.Search, 0, term);
  const changed = last ? changedFilters(filters, last.filters) : [];
  if (changed.length) {
    tell(What.Filter, 0, lines(...changed.flatMap(([name, value]) => [name, `t${value}`])));
  }
};

/** Reads the page, if it wasn't: before anything else is told of it. */
export const see = () => {
  if (unread === undefined) return;
  const what = unread;
  unread = undefined;
  const last = what === What.Changed && path() === lastPath ? address : undefined;
  here = look();
  lastPath = path();
  address = readAddress(location.search, names);
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (what === What.Page && load) {
    // As it was asked for: applications strip campaigns from it.
    address.campaign = readAddress(parse(load.name)!.search, names).campaign;
  }
  tell(what, 0, facts(address, called, layered));
  const { role } = address;
  const staff = ['guest', 'staff'].indexOf(role!);
  if (role) staff < 0 ? tell(What.Identify, 1, role) : tell(What.Staff, staff);
  if (what === What.Page) isBack ||= load?.type !== 'navigate';
  if (!isBack) tellNews(what === What.Page ? before() : last);
  isBack = false;
};

/** Says what the page is about, now that somebody knows. */
export const learn = (by: By, category: unknown, product: unknown) => {
  const naming = by === By.Site ? called : layered;
  if (category) naming[0] = category;
  if (product) naming[1] = product;
  if (unread === undefined) tell(What.Changed, 0, facts(address, called, layered));
};

/** The address may have changed. */
const moved = safely((event?: { navigationType?: string }) => {
  if (unread !== undefined || look() === here) return;
  tellInput();
  tell(What.Moving, depth());
  if (path() !== lastPath) {
    called = nobody();
    layered = nobody();
    leaveJsonLd();
  }
  unread = What.Changed;
  isBack = event?.navigationType === 'traverse';
  setTimeout(safely(see), SETTLE_MS);
});

/** Follows single-page applications, and pages that come back as they were left. */
export const follow = (given: Names) => {
  names = given;
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) navigation.addEventListener('currententrychange', moved as EventListener);
  else {
    for (const name of ['pushState', 'replaceState'] as const) {
      const real = history[name];
      history[name] = function (...args) {
        real.apply(this, args);
        moved();
      };
    }
    addEventListener('popstate', () => moved({ navigationType: 'traverse' }));
  }
  addEventListener('pageshow', (event) => {
    if (event.persisted) {
      isBack = true;
      unread = What.Page;
      safely(see)();
      tell(What.Shown, 1);
    }
  });
};
