// What the module asks of the browser's storage and can't be told by a number: the texts
// are written into its second room.

import { memory, stored } from 'pixel';

const ROOM_BYTES = 2 * 48 * 1024;
const encoder = new TextEncoder();

let storage: Storage | undefined;

/** The browser's storage, if it grants any. Some refuse by an exception, some by null. */
export const open = () => {
  try {
    storage = localStorage;
  } catch {
    // The pixel works on in memory.
  }
  return storage;
};

const put = (text: string | null | undefined) =>
  typeof text === 'string'
    ? encoder.encodeInto(text, new Uint8Array(memory(), stored(), ROOM_BYTES)).written
    : -1;

export const key = (n: number) => put(storage?.key(n));

export const entry = (name: string) => put(storage?.getItem(name));
