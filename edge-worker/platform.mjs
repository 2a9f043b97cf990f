// What the compiled module asks of the platform. To cross between the two, and each text that
// is handed over, costs more than most of what is asked for: so there are few functions, and
// each brings all at once, as lines of one text. No header holds a line's end (RFC 9110, 5.5).

import { describe } from "./agent.mjs";

/** Method, address and the headers that every request is judged by, a line each; what is absent is empty. */
export function head({ method, url, headers }) {
  const line = (name) => headers.get(name) ?? "";
  return `${method}\n${url}\n${line("content-length")}\n${line("origin")}\n${line("sec-fetch-site")}\n${line("sec-gpc")}\n${line("cookie")}`;
}

/** The headers that only requests made without the pixel are judged by. */
export function details({ headers }) {
  const line = (name) => headers.get(name) ?? "";
  return `${line("user-agent")}\n${line("referer")}\n${line("accept-language")}\n${line("sec-purpose")}\n${line("content-type")}`;
}

/** Country, region, city and time zone, as the platform knows them, and what `describe` says. */
export function origins({ cf, headers }) {
  const { country = "", region = "", city = "", timezone = "" } = cf ?? {};
  return `${country}\n${region}\n${city}\n${timezone}\n${describe(headers.get("user-agent") ?? "")}`;
}

/** Who asks: goes to the rate limit and no further. */
export function address({ headers }) {
  return headers.get("cf-connecting-ip") ?? "";
}

/** `fields`: names and values by turns. `body` is the module's own memory; empty means none. */
export function respond(status, fields, body) {
  return new Response(body.length ? body.slice() : null, { status, headers: headersOf(fields) });
}

/** Gives the status and, where that isn't 202, `Retry-After`. `fields` and `body` as in `respond`. */
export async function post(url, fields, body, timeoutMs) {
  const response = await fetch(url, {
    method: "POST",
    headers: headersOf(fields),
    body: body.slice(),
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  // Its text is nobody's here; an unread body would hold the connection.
  response.body?.cancel();
  // Headers that nobody asks for aren't made.
  return response.status === 202 ? "202\n" : `${response.status}\n${response.headers.get("retry-after") ?? ""}`;
}

function headersOf(fields) {
  const lines = fields.split("\n");
  const headers = {};
  for (let at = 0; at + 1 < lines.length; at += 2) headers[lines[at]] = lines[at + 1];
  return headers;
}

/** What `request.arrayBuffer()` gave, to be copied into the module's memory. */
export function bytes(buffer) {
  return new Uint8Array(buffer);
}
