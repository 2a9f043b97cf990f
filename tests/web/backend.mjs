// A backend that was never started before, on any free port.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** By which edges sign. */
export const EDGE_KEY = `1:${"5a".repeat(31)}00`;

/** Starts the program that CRUMBTRAIL names; gives its address and what its first start printed. */
export async function start() {
  const program = process.env.CRUMBTRAIL;
  if (!program) throw new Error("CRUMBTRAIL names no backend; `cargo xtask test` sets it");
  const data = await mkdtemp(join(tmpdir(), "crumbtrail-web-"));
  const child = spawn(program, ["serve", "--die-with-stdin", "--listen", "127.0.0.1:0", "--data", data], {
    // The shops of tests are on this machine.
    env: { ...process.env, CRUMBTRAIL_EDGE_KEYS: EDGE_KEY, CRUMBTRAIL_VERIFY_PRIVATE: "true" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise((done) => child.once("exit", done));
  let log = "";
  child.stderr.on("data", (part) => (log += part));
  const said = await new Promise((told, failed) => {
    createInterface(child.stdout).once("line", (line) => told(JSON.parse(line)));
    ended.then(() => failed(new Error(`the backend ended: ${log}`)));
  });
  const until = Date.now() + 60_000;
  while (!(await fetch(`${said.listening}/readyz`)).ok) {
    if (Date.now() > until) throw new Error(`the backend is not ready: ${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url: said.listening,
    setupKey: said.setup_key,
    async stop() {
      child.stdin.end();
      await ended;
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
