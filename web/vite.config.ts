import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Every file once more, compressed with Brotli: the backend gives that to browsers. */
function brotli(): Plugin {
  return {
    name: "brotli",
    writeBundle({ dir = "." }, bundle) {
      for (const name of Object.keys(bundle)) {
        const path = join(dir, name);
        const source = readFileSync(path);
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: source.length,
        };
        writeFileSync(`${path}.br`, brotliCompressSync(source, { params }));
      }
    },
  };
}

export default defineConfig({
  plugins: [
    react(),
    // Of the components' own texts those of the app's languages.
    { ...optimizeLocales.vite({ locales: ["en-US", "he-IL"] }), enforce: "pre" },
    brotli(),
  ],
  build: {
    outDir: "../build/web",
    emptyOutDir: true,
    // Everything comes from a file of its own: the page's policy allows no `data:` scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2022",
    // As old as `light-dark()`, which is not to be worked around.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  server: {
    proxy: { "/v1": process.env["BACKEND"] ?? "http://127.0.0.1:8080" },
  },
});
