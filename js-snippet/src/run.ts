// Starts everything, once the module is there.

import { start } from 'pixel';
import { followDataLayer, followWooCommerce } from './adapters';
import { By, command } from './commands';
import { listen } from './listen';
import { heed, sendTo } from './send';
import type { Settings, Stub } from './start';
import { fault, onFault, put, safely } from './tell';
import { follow, see } from './view';

const list = (words: string | undefined) => (words ?? '').split(/[\s,]+/).filter(Boolean);

export const run = (settings: Settings, file: (name: string) => string, stub: Stub) => {
  const { site, consent, search, filters, params } = settings;
  onFault((error) => {
    // At most 512 bytes, in any script.
    navigator.sendBeacon(file('x'), `${site}\n${error}`.slice(0, 160));
  });
  try {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
    start(consent === 'required', high, low, put(site!));
    sendTo(file('.'), site!);
    // Where consent is required, nothing is read before it.
    if (consent !== 'required') heed();
    follow({ search: list(search), filters: list(filters), kept: list(params) });

    const crumb = safely((name: unknown, first: unknown, second: unknown) => {
      if (name !== 'consent') see();
      if (!command(By.Site, name, first, second)) console.warn('crumb: unknown command', name);
    }) as Stub;
    const waiting = [...(stub.q ?? [])];
    // What was chosen comes first: it decides about all the rest.
    followDataLayer(true);
    for (const args of waiting) if (args[0] === 'consent') crumb(...args);
    for (const args of waiting) if (args[0] !== 'consent') crumb(...args);
    crumb.on = true;
    (window as { crumb?: Stub }).crumb = crumb;
    followDataLayer();
    followWooCommerce();
    listen();
  } catch (error) {
    fault(error);
  }
};
