// The browser's storage, as the module asks for it. What it keeps are bytes, each a character
// of Latin-1; those it reads are written into its second room.

import { memory, stored } from 'pixel';
import { ROOM_BYTES } from './tell';

/** What the module wrote as text. */
const text = (at: number, length: number) =>
  String.fromCharCode(...new Uint8Array(memory(), at, length));

/** Some browsers refuse by an exception, some by null. */
export const attempt = <T>(act: () => T): T | undefined => {
  try {
    return act();
  } catch {
    // Refused, or full: the pixel works on in memory.
  }
};

/** Hands over what was found; gives its length, or -1. */
const read = (find: () => string | null) =>
  attempt(() => {
    const bytes = [...find()!].map((letter) => letter.charCodeAt(0));
    new Uint8Array(memory(), stored(), ROOM_BYTES).set(bytes);
    return bytes.length;
  }) ?? -1;

export const key = (n: number) => read(() => localStorage.key(n));

export const get = (at: number, length: number) =>
  read(() => localStorage.getItem(text(at, length)));

export const set = (at: number, length: number, entryAt: number, entryLength: number) =>
  attempt(() => {
    localStorage.setItem(text(at, length), text(entryAt, entryLength));
    return true;
  });

export const remove = (at: number, length: number) =>
  attempt(() => localStorage.removeItem(text(at, length)));
