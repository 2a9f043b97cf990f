// Sending: one request at a time, and beacons when the page goes.

import { What, give, safely, tell } from './tell';

let endpoint: string;

export const sendTo = (address: string) => {
  endpoint = address;
};

/** The edge took nothing of this page yet. It may not know this browser: then it decides who
 * it is by the first request, which no other is to overtake, of no tab. */
let isNew = true;

const answered = safely((status: number, retryAfter: number, body: string) => {
  tell(What.Answered, status + 1000 * retryAfter, body);
  if (status > 199 && status < 300) {
    isNew = false;
    send();
  }
});

const ask = async () => {
  const body = give(false);
  if (!body) return;
  const response = await fetch(endpoint, {
    method: 'POST',
    body,
    keepalive: true,
    credentials: 'include',
  });
  const { status, headers } = response;
  return [
    status,
    Math.min(+(headers.get('retry-after') ?? 0) || 0, 3600),
    // Only then the text is somebody's: the visitor's token on another site.
    status === 200 ? await response.text() : '',
  ] as const;
};

/** Sends what is due, if anything, and tells the module what was answered. */
export const send = () => {
  const inTurn = isNew && navigator.locks ? navigator.locks.request('crumb', ask) : ask();
  // A page may have put its own in place of the browser's fetch: it may throw, and answer
  // with anything.
  (inTurn as ReturnType<typeof ask>).then(
    (answer) => answer && answered(...answer),
    () => answered(0, 0, ''),
  );
};

/** Sends all that this tab has, without waiting for answers. */
export const flush = () => {
  for (;;) {
    const body = give(true);
    // Where the browser's room for beacons is used up, the rest waits in its storage.
    if (!body || !navigator.sendBeacon(endpoint, body)) return;
  }
};
