// Sending: one request at a time, and beacons when the page goes.

import { attempt } from './shelf';
import { What, fault, give, tell } from './tell';

/** Where the routes begin, with a slash at the end. */
let base: string;
let site: string;

export const sendTo = (address: string, ofSite: string) => {
  base = address;
  site = ofSite;
};

/** The edge took nothing of this page yet. It may not know this browser: then it decides who
 * it is by the first request, which no other is to overtake, of no tab. */
let isNew = true;
/** The latest request. Its answer may set the cookie. */
let asking: unknown;

const post = (route: string, body: BodyInit) =>
  fetch(base + route, { method: 'POST', body, keepalive: true, credentials: 'include' });

const ask = async () => {
  const body = give(false);
  if (!body) return;
  let status = 0;
  let retryAfter = 0;
  let text = '';
  try {
    const response = await post('e', body);
    // The visitor's token, where it is another site's.
    text = await response.text();
    retryAfter = Math.min(+response.headers.get('retry-after')!, 3600) || 0;
    status = response.status;
  } catch {
    // No answer, or one by what a page may have put in place of the browser's fetch.
  }
  tell(What.Answered, status + 1000 * retryAfter, text);
  if (status > 199 && status < 300) {
    isNew = false;
    send();
  }
};

/** Sends what is due, if anything, and tells the module what was answered. */
export const send = () => {
  asking = (isNew && navigator.locks ? navigator.locks.request('crumb', ask) : ask()).catch(fault);
};

/** Where it stands what the edge is yet to be told of who left: the route, then the body. What
 * is forgotten begins with `crumb.`; this isn't. */
const LEFT = 'crumb-left';
const kept = (key: string) => attempt(() => localStorage.getItem(key));

/** Forgets everything, and tells the edge to: `w`, for consent was withdrawn, or `f`, where the
 * backend is to forget as well. Until it was heard the browser remembers that, and the next
 * page tells it again. */
export const leave = async (route: string) => {
  const before = kept(LEFT);
  // On the shop's own site there is no token, and what stands for none is none.
  const body = before?.slice(1) ?? `${site}\n${kept('crumb.v')}`;
  if (!tell(What.Consent, 2) && !before && route === 'w') return;
  if (before?.[0] === 'f') route = 'f';
  attempt(() => localStorage.setItem(LEFT, route + body));
  try {
    await asking;
    if ((await post(route, body)).ok) localStorage.removeItem(LEFT);
  } catch {
    // It is told again.
  }
};

/** Leaves where a page before did, and the edge may not know. */
export const heed = () => kept(LEFT) && leave('w');

/** Leaves where another tab did. */
export const join = ({ key, newValue }: StorageEvent) => key === LEFT && newValue && leave('w');

/** Sends all that this tab has, without waiting for answers. */
export const flush = () => {
  for (;;) {
    const body = give(true);
    // Where the browser's room for beacons is used up, the rest waits in its storage.
    if (!body || !navigator.sendBeacon(`${base}e`, body)) return;
  }
};
