// Stands for a Cloudflare zone on this machine: what lies under PREFIX goes to
// the edge worker, all else is a static file of the shop.
//
// The shop's files are read here rather than by a worker with assets of its own,
// and routed here rather than by miniflare: two workers with assets in one
// miniflare read the same directory, and its routes pass assets by.

const TYPES = {
  avif: "image/avif",
  css: "text/css; charset=utf-8",
  gif: "image/gif",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  mjs: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webp: "image/webp",
  woff2: "font/woff2",
  xml: "application/xml",
};

export default {
  fetch(request, { EDGE, SHOP, PREFIX }) {
    const url = new URL(request.url);
    return url.pathname.startsWith(`${PREFIX}/`) ? EDGE.fetch(request) : serve(url, SHOP);
  },
};

async function serve(url, files) {
  const name = url.pathname.split("/").at(-1);
  if (name === "") return (await read(`${url.pathname}index.html`, files)) ?? missing(files);
  const file = name.includes(".") && (await read(url.pathname, files));
  if (file) return file;
  const page = await read(`${url.pathname}/index.html`, files);
  return page ? Response.redirect(`${url.origin}${url.pathname}/${url.search}`, 307) : missing(files);
}

async function missing(files) {
  const page = await read("/404.html", files);
  return new Response(page ? page.body : "not found", { status: 404, headers: page?.headers });
}

async function read(path, files) {
  const file = await files.fetch(new URL(path, "http://files"));
  if (!file.ok) return undefined;
  const type = TYPES[path.split(".").at(-1)] ?? "application/octet-stream";
  const headers = { "content-type": type, "cache-control": "no-cache" };
  return new Response(file.body, { headers });
}
