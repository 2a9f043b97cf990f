// A shop's server for one page, which imports the package: its built files, and under /c/
// the real loader with a pixel that only writes down what it is told.

import { transform } from "esbuild";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LOADER = fileURLToPath(new URL("../../js-snippet/src/loader.ts", import.meta.url));
/** Only scripts with the nonce that the page gave `load` may run. */
const POLICY = "script-src 'nonce-bread'";
const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/** The pixel: it takes over as the real one does, and leaves what it got in `window.told`. */
const PIXEL = `
export const start = async (settings, file, stub) => {
  window.told = (stub.q ?? []).map((call) => [...call]);
  window.crumb = Object.assign((...call) => { window.told.push(call); }, { on: true });
};`;

/**
 * Serves the folder on a free port. The loader is held back until `release()`; `asked`
 * lists the paths under /c/ that were asked for.
 */
export async function serve(folder) {
  const constants = { PIXEL: '"pixel.js"', PLAIN: '"plain.js"' };
  const { code } = await transform(await readFile(LOADER), { loader: "ts", define: constants });
  const scripts = { "/c/crumb.js": code, "/c/pixel.js": PIXEL };
  const asked = [];
  let release;
  const released = new Promise((resolve) => (release = resolve));

  const answer = async (path) => {
    if (!path.startsWith("/c/")) return readFile(join(folder, path));
    asked.push(path);
    await released;
    return scripts[path];
  };
  const server = createServer(async ({ url }, response) => {
    const path = url === "/" ? "/index.html" : url;
    const body = await answer(path).catch(() => undefined);
    response.writeHead(body ? 200 : 404, {
      "content-type": TYPES[extname(path)] ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    release();
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, release, close };
}
