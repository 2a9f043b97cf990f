// A shop with people in it, made by the same requests that shops send.

const DAY = 86_400_000;
const CITIES = ["תל אביב", "רמת גן", "חיפה", "גבעתיים", "ירושלים"];
const NAMES = ["דנה", "יעל", "נועה", "אורי", "איתן", "תמר"];
const CATEGORIES = ["Bowls", "Mugs", "Plates", "Vases"];

/** Signs in as the first owner and makes a shop; gives what sends requests in their name. */
export async function open(backend, { site = "clay-shop", name = "כלי חרס" } = {}) {
  const headers = { origin: backend.url, "content-type": "application/json" };
  const send = async (method, path, body) => {
    const answer = await fetch(backend.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    if (headers.cookie === undefined) headers.cookie = answer.headers.get("set-cookie")?.split(";")[0];
    return answer.status === 204 ? undefined : answer.json();
  };
  await send("POST", "/v1/session", { link: backend.setupKey, name: "Dana" });
  await send("POST", "/v1/sites", { site, name, currency: "ILS", time_zone: "Asia/Jerusalem", country: "IL" });
  return { send, cookie: () => headers.cookie, of: (path) => `/v1/sites/${site}${path}`, site };
}

/** Fills it: contacts, the events of as many visitors over thirty days, and orders of both kinds. */
export async function fill({ send, of }, people = 60) {
  const now = Date.now();
  const ids = Array.from({ length: people }, (_, at) => at);
  await send(
    "POST",
    of("/contacts?wait=true"),
    ids.map((at) => ({
      id: `c-${at}`,
      mail: `person${at}@shop.example`,
      first_name: NAMES[at % NAMES.length],
      last_name: `כהן ${at}`,
      city: CITIES[at % CITIES.length],
      gender: at % 2 ? "male" : "female",
    })),
  );
  const events = ids.flatMap((at) =>
    Array.from({ length: 1 + (at % 5) }, (_, visit) => {
      const ts = now - ((at * 7 + visit * 3) % 30) * DAY - 3_600_000;
      const category = CATEGORIES[(at + visit) % CATEGORIES.length];
      const whose = { contact: `c-${at}` };
      return [
        { type: "page_view", ts, path: `/${category.toLowerCase()}`, title: category, category },
        { type: "add_to_cart", ts: ts + 60_000, path: "/cart", items: [{ id: `p${at % 9}`, name: category, category, price_cents: 4000 + at * 100, quantity: 1 }] },
      ].map((event, part) => ({ ...event, ...whose, id: `e-${at}-${visit}-${part}` }));
    }).flat(),
  );
  await send("POST", of("/events?wait=true"), events);
  const orders = ids
    .filter((at) => at % 3 === 0)
    .map((at) => ({
      order_id: `o-${at}`,
      contact: { id: `c-${at}` },
      placed_at: now - (at % 28) * DAY - 1_800_000,
      channel: at % 2 ? "store" : "online",
      currency: "ILS",
      value_cents: 12_000 + at * 100,
    }));
  await send("POST", of("/orders?wait=true"), orders);
}
