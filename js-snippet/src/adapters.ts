// What shops say already, in the words of others: GA4's data layer and WooCommerce.

import { By, command } from './commands';
import { safely } from './tell';
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

/** Follows the data layer, once there is one (it is looked for from time to time): first what
 * it says of consent, then all that it holds, then what is added. */
export const followDataLayer = (isConsent = false) => {
  const { dataLayer } = window as { dataLayer?: Entry[] };
  if (!Array.isArray(dataLayer) || (layer === dataLayer && !isConsent)) return;
  const all = [...dataLayer];
  for (const entry of all) safely(read)(entry, true);
  if (isConsent) return;
  layer = dataLayer;
  for (const entry of all) safely(read)(entry, false);
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

/** What was clicked last: a WooCommerce button, maybe. */
let clicked: Element | undefined;

export const remember = (target: unknown) => {
  clicked = target as Element;
};

/** The pieces that a WooCommerce button stands for. */
const tellButton = (name: string, within = clicked) => {
  const button = within?.closest?.('[data-product_id]');
  const is = (attribute: string) => button?.getAttribute(`data-${attribute}`);
  tellPieces(name, is('product_sku') || is('product_id'), is('quantity'));
};

const tellPieces = (name: string, id: unknown, quantity: unknown) => {
  see();
  if (id) command(By.Platform, name, { items: [{ item_id: id, quantity }] });
};

/** The form of a product's own page in WooCommerce. */
export const tellCartForm = (form: HTMLFormElement) => {
  const value = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value;
  if (form.matches('form.cart')) tellPieces('add_to_cart', value('add-to-cart'), value('quantity'));
};

/** WooCommerce tells by jQuery's events; its blocks by the browser's own, after a click. */
export const followWooCommerce = () => {
  const { jQuery } = window as { jQuery?: any };
  for (const [theirs, ours] of [
    ['added_to_cart', 'add_to_cart'],
    ['removed_from_cart', 'remove_from_cart'],
  ] as const) {
    if (jQuery) {
      jQuery(document.body).on(
        theirs,
        safely((_event: unknown, _parts: unknown, _hash: unknown, found: any) =>
          tellButton(ours, found?.[0]),
        ),
      );
    } else addEventListener(`wc-blocks_${theirs}`, safely(() => tellButton(ours)));
  }
};
