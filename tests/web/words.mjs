// The app's texts, by language: a story that is told in both is told by their names.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

async function read(language) {
  const entry = fileURLToPath(new URL(`../../web/src/words/${language}.ts`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  const module = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
  return module[language];
}

export const WORDS = { en: await read("en"), he: await read("he") };
