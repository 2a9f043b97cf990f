// The browser's storage, as the module asks for it. Texts that it reads are written into
// the module's second room; some browsers refuse by an exception, some by null.

import { memory, stored } from 'pixel';
import { put } from './tell';

const ROOM_BYTES = 2 * 48 * 1024;
const decoder = new TextDecoder();

/** What the module wrote as text. */
const text = (at: number, length: number) => decoder.decode(new Uint8Array(memory(), at, length));

const attempt = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch {
    // Refused, or full: the pixel works on in memory.
  }
};

const read = (found: string | null | undefined) =>
  found == null ? -1 : put(found, new Uint8Array(memory(), stored(), ROOM_BYTES));

export const key = (n: number) => read(attempt(() => localStorage.key(n)));

export const get = (at: number, length: number) =>
  read(attempt(() => localStorage.getItem(text(at, length))));

export const set = (at: number, length: number, entryAt: number, entryLength: number) =>
  attempt(() => {
    localStorage.setItem(text(at, length), text(entryAt, entryLength));
    return true;
  });

export const remove = (at: number, length: number) =>
  attempt(() => localStorage.removeItem(text(at, length)));
