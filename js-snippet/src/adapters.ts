// What shops say already, in the words of others: GA4's data layer and WooCommerce.

import { By, command } from './commands';
import { clean, safely } from './tell';
import { see } from './view';

type Entry = Record<string, any> & ArrayLike<any>;

/** An entry of the data layer, in either shape: gtag's arguments, or Tag Manager's object. */
const read = (entry: Entry, isConsent: boolean) => {
  const [kind, name, params] = [entry?.[0], entry?.[1], entry?.[2]];
  if ((kind === 'consent') !== isConsent) return;
  if (isConsent) command(By.DataLayer, 'consent', name, params);
  else if (kind === 'event') tellEvent(name, params);
  else if (entry && typeof entry.event === 'string') tellEvent(entry.event, entry.ecommerce ?? entry);
};

const tellEvent = (name: unknown, params: unknown) => {
  see();
  command(By.DataLayer, name, params);
};

let layer: unknown;

/** Follows the data layer, once there is one: first what it says of consent, then all that
 * it holds, then what is added. */
export const followDataLayer = (isConsent = false) => {
  const { dataLayer } = window as { dataLayer?: Entry[] };
  if (!Array.isArray(dataLayer) || (layer === dataLayer && !isConsent)) return;
  for (const entry of [...dataLayer]) safely(read)(entry, isConsent);
  if (isConsent) return;
  layer = dataLayer;
  const push = dataLayer.push;
  dataLayer.push = (...entries) => {
    const length = push.apply(dataLayer, entries);
    for (const entry of entries) {
      safely(read)(entry, true);
      safely(read)(entry, false);
    }
    return length;
  };
};

/** The pieces that a WooCommerce button stands for. */
const tellButton = (name: string, button: HTMLElement | undefined) => {
  const { product_sku, product_id, quantity = '1' } = Object.fromEntries(
    [...(button?.attributes ?? [])].map(({ name, value }) => [name.slice(5), value]),
  );
  const id = clean(product_sku) || product_id;
  see();
  if (id) command(By.Platform, name, { items: [{ item_id: id, quantity }] });
};

/** WooCommerce tells by jQuery's events; its blocks by the browser's own, after a click. */
export const followWooCommerce = () => {
  let button: HTMLElement | undefined;
  document.addEventListener(
    'click',
    safely((event) => {
      button = (event.target as Element).closest<HTMLElement>('[data-product_id]') ?? button;
    }),
    true,
  );
  // A product's own page sends a form.
  document.addEventListener(
    'submit',
    safely((event) => {
      const form = event.target as HTMLFormElement;
      if (!form.matches('form.cart')) return;
      const value = (name: string) => form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value;
      const item = { item_id: value('add-to-cart'), quantity: value('quantity') ?? '1' };
      see();
      if (item.item_id) command(By.Platform, 'add_to_cart', { items: [item] });
    }),
  );
  const { jQuery } = window as { jQuery?: any };
  for (const [theirs, ours] of [
    ['added_to_cart', 'add_to_cart'],
    ['removed_from_cart', 'remove_from_cart'],
  ] as const) {
    const tellIt = (given?: HTMLElement) => tellButton(ours, given ?? button);
    jQuery?.(document.body).on(
      theirs,
      safely((_event: unknown, _parts: unknown, _hash: unknown, found: any) => tellIt(found?.[0])),
    );
    if (!jQuery) document.body.addEventListener(`wc-blocks_${theirs}`, safely(() => tellIt()));
  }
};
