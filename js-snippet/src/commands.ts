// `crumb(...)`: what the site tells. See the README for its commands.

import { heed, leave } from './send';
import { What, clean, lines, tell } from './tell';
import { learn } from './view';

type Params = Record<string, any>;

/** Who tells: the site by a call or an attribute, its data layer, its platform's events. */
export const enum By {
  Site,
  DataLayer,
  Platform,
}

/** A price as pages write it, in whole cents; the shift by text is exact in decimals. */
const cents = (price: unknown) => {
  const whole = clean(price) && Math.round(+`${clean(price)}e2`);
  return Number.isSafeInteger(whole) ? whole : '';
};

const items = (params: Params) =>
  (Array.isArray(params.items) ? params.items : [])
    .slice(0, 200)
    .flatMap((item: Params) => [
      item.item_id ?? item.id,
      item.item_name ?? item.name,
      item.item_category,
      item.item_brand,
      cents(item.price),
      item.quantity,
      item.previous_quantity,
    ]);

/** Names and values of props, the values with their kind before them. */
export const props = (params: Params) =>
  Object.entries(params ?? {}).flatMap(([name, value]) => [
    name,
    typeof value === 'boolean'
      ? `b${+value}`
      : Number.isFinite(value)
        ? `n${value}`
        : `t${clean(value)}`,
  ]);

/** What consent mode calls the consent that a pixel needs. */
const consent = (choice: unknown, isDefault: boolean) => {
  const granted = typeof choice === 'string' ? choice : (choice as Params)?.analytics_storage;
  if (granted === 'granted' && !isDefault) {
    heed();
    tell(What.Consent, 1);
  }
  if (granted === 'denied') isDefault ? tell(What.Consent, 0) : leave('w');
};

/** A token, or what the page claims. */
const identify = (who: any) => {
  if (clean(who)) tell(What.Identify, 0, clean(who));
  else ['id', 'email', 'phone'].forEach((name, n) => tell(What.Identify, n + 2, clean(who[name])));
};

/** Runs a call; false for a command that isn't known. */
export const command = (by: By, name: unknown, first: any, second?: any): boolean => {
  const params: Params = first ?? {};
  const isSite = by === By.Site;
  if (name === 'consent') {
    // Consent mode says whether it is the default or the visitor's choice.
    consent(second ?? first, first === 'default');
  } else if (isSite && name === 'track') {
    tell(What.Track, 0, lines(first, ...props(second)));
  } else if (isSite && name === 'page') {
    learn(by, params.category, params.product);
  } else if (isSite && name === 'identify') {
    identify(params);
  } else if (isSite && name === 'signout') {
    tell(What.SignOut);
  } else if (isSite && name === 'forget') {
    leave('f');
  } else if (name === 'search' || name === 'view_search_results') {
    if (clean(params.search_term)) tell(What.Search, 0, clean(params.search_term));
  } else {
    if (name === 'view_item') {
      const [item] = params.items ?? [];
      learn(by, item?.item_category, item?.item_id);
    }
    const { value, currency, transaction_id, coupon, method } = params;
    const order = [cents(value), currency, transaction_id, coupon];
    return tell(What.Command, by, lines(name, method, ...order, ...items(params)));
  }
  return true;
};
