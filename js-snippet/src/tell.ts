// The way into the module: one call at a time, each with the times it was made at.

import * as pixel from 'pixel';

/** What is told, in the order of the module's own list. */
export const enum What {
  Page,
  Changed,
  Click,
  FormStart,
  FormSubmit,
  Command,
  Search,
  Filter,
  Track,
  Staff,
  Input,
  Shown,
  Left,
  Moving,
  Tick,
  Consent,
  Identify,
  SignOut,
  Answered,
}

/** How large each of the module's rooms is. */
export const ROOM_BYTES = 48 * 1024;
const encoder = new TextEncoder();

let isBusy = false;
/** The module trapped: it can't be asked any more. */
let isBroken = false;
let report: ((error: unknown) => void) | undefined;

const room = () => new Uint8Array(pixel.memory(), pixel.told(), ROOM_BYTES);

/** Writes a text into the first of the module's rooms; gives its length. */
export const put = (text: string) => encoder.encodeInto(text, room()).written;

/** Says whom to tell of the first failure. */
export const onFault = (teller: typeof report) => {
  report = teller;
};

/** Something failed, which the page is not to feel; the first time, somebody is told. */
export const fault = (error: unknown) => {
  const teller = report;
  report = undefined;
  try {
    teller?.(error);
  } catch {
    // There is nobody left to tell.
  }
};

/** Runs it, and never fails. */
export const safely =
  <A extends unknown[]>(act: (...args: A) => void) =>
  (...args: A) => {
    try {
      act(...args);
    } catch (error) {
      fault(error);
    }
  };

/** A text of the page as a line's field: on one line, and not endless. */
export const clean = (value: unknown) =>
  (typeof value === 'string' || typeof value === 'number' ? `${value}` : '')
    .slice(0, 4096)
    .replace(/\s+/g, ' ')
    .trim();

/** Fields, one a line. */
export const lines = (...values: unknown[]) => values.map(clean).join('\n');

/** Asks the module, which then hears nobody else: browsers' storage may be wrapped by the
 * page, which may call us from within. */
const alone = <T>(ask: () => T): T | undefined => {
  isBusy = true;
  try {
    return ask();
  } catch (error) {
    isBroken = true;
    fault(error);
  } finally {
    isBusy = false;
  }
};

/** Tells the module something, after what it is being told; false where it knows no such
 * command, and of a no whether the edge has to know. */
export const tell = (what: What, number = 0, text = '', steady = performance.now()): boolean => {
  if (isBusy) setTimeout(tell, 0, what, number, text, steady);
  else if (!isBroken) {
    return alone(() => pixel.tell(what, Date.now(), steady, number, put(text))) ?? true;
  }
  return true;
};

/** What is to be sent, if anything. */
export const give = (last: boolean) => {
  const length = !isBusy && !isBroken && alone(() => pixel.give(last));
  return length && room().slice(0, length);
};
