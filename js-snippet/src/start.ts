// What the loader and the pixel's files agree on.

/** `crumb(...)` before the pixel is there, with its queue, and after. */
export interface Stub {
  (...args: unknown[]): void;
  q?: (ArrayLike<unknown> & Iterable<unknown>)[];
  on?: boolean;
}

/** The attributes of the pasted tag. */
export type Settings = DOMStringMap;

/** Starts the pixel; fails where the module can't be instantiated. */
export type Start = (settings: Settings, file: (name: string) => string, stub: Stub) => Promise<void>;
