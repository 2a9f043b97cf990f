// What an address says: campaigns, searches, filters. Knows no page.

/** Parameters that the site named in its tag, besides the common ones. */
export interface Names {
  /** Where searches stand, in place of the common ones. */
  search: string[];
  filters: string[];
  /** Those that are recorded with the page. */
  kept: string[];
}

const UTM = ['source', 'medium', 'campaign', 'term', 'content'];

/** The advertisers' click ids that are recognized; their values are never kept. */
const CLICK_IDS = (
  'gclid gbraid wbraid dclid fbclid msclkid ttclid twclid li_fat_id epik rdt_cid sccid yclid'
).split(' ');

/** Where sites have the term of a search. */
const SEARCH = 'q s query search search_query keyword keywords term'.split(' ');

/** What shops name filters. */
const FILTER =
  /^(filter|pa_|attribute_)|^(sort(_by)?|order(_?by)?|product_list_order|price|(min|max)_price|price_(min|max)|brand|colou?r|size|material|gender|rating)$/;

type Pair = [name: string, value: string];

/** An address as it is recorded. */
export interface Address {
  /** utm_source to utm_content, and the kind of an advertiser's click id. */
  campaign: (string | null | undefined)[];
  term: string;
  filters: Pair[];
  kept: string;
  /** `staff` or `guest`, where the address asks to be one; the token that a link gave it. */
  role: string | null;
}

export const readAddress = (query: string, names: Names): Address => {
  const params = new URLSearchParams(query);
  const searches = names.search.length ? names.search : SEARCH;
  return {
    campaign: [
      ...UTM.map((name) => params.get(`utm_${name}`)),
      CLICK_IDS.find((name) => params.has(name)),
    ],
    term: searches.map((name) => params.get(name)).find(Boolean) ?? '',
    filters: [...params].filter(([name]) => FILTER.test(name) || names.filters.includes(name)),
    kept: names.kept
      .filter((name) => params.has(name))
      .map((name) => `${name}=${params.get(name)}`)
      .join('&'),
    role: params.get('crumb'),
  };
};

/** The filters that are not as they were before, with their values now; empty: gone. */
export const changedFilters = (now: Pair[], before: Pair[]): Pair[] => [
  ...now.filter(([name, value]) => !before.some(([n, v]) => n === name && v === value)),
  ...before
    .filter(([name]) => !now.some(([n]) => n === name))
    .map(([name]): Pair => [name, '']),
];
