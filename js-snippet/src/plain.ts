// The same module as plain JS, for pages whose policy refuses WebAssembly.

import { __wbg_set_wasm } from 'pixel';
import * as exports from 'plain';
import { run } from './run';
import type { Start } from './start';

export const start: Start = async (settings, file, stub) => {
  __wbg_set_wasm(exports);
  run(settings, file, stub);
};
