// The pixel as WebAssembly.

import { __wbg_set_wasm, imports } from 'pixel';
import { run } from './run';
import type { Start } from './start';

/** The name of the module's file, put in by the build. */
declare const MODULE: string;

export const start: Start = async (settings, file, stub) => {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(file(MODULE)), imports);
  __wbg_set_wasm(instance.exports);
  run(settings, file, stub);
};
