/** The figures of the overview: what each reads of an answer, and who the people behind it are. */
import type { Schemas } from "../api/client.ts";
import type { useFormats } from "../words/index.tsx";
import type { Words } from "../words/en.ts";

type Happened = Schemas["Happened"];
type Formats = ReturnType<typeof useFormats>;

export type FigureName = keyof Words["overview"]["figures"];

/** Whole days, from the first to the last. */
export interface Days {
  from: string;
  to: string;
}

interface Figure {
  value(of: Happened): number;
  /** Money needs a currency. */
  write(formats: Formats, value: number, currency: string): string;
  /** A leaf of the segment language, without its window. */
  leaf: object;
}

const count = (formats: Formats, value: number) => formats.number(value);
const money = (formats: Formats, value: number, currency: string) => formats.money(value, currency);
const event = (type: string) => ({ kind: "event", event: type });
const order = (channel: string) => ({ kind: "order", where: [{ field: "channel", op: "eq", value: channel }] });

export const FIGURES: Record<FigureName, Figure> = {
  visitors: { value: ({ visitors }) => visitors, write: count, leaf: event("any") },
  visits: { value: ({ visits }) => visits, write: count, leaf: { ...event("any"), measure: "visits" } },
  dwell: { value: ({ dwell_ms }) => dwell_ms, write: (formats, value) => formats.span(value), leaf: event("dwell") },
  carts: { value: ({ carts }) => carts, write: count, leaf: event("add_to_cart") },
  onlineOrders: { value: ({ online }) => online.orders, write: count, leaf: order("online") },
  onlineValue: { value: ({ online }) => online.value_cents, write: money, leaf: order("online") },
  storeOrders: { value: ({ store }) => store.orders, write: count, leaf: order("store") },
  storeValue: { value: ({ store }) => store.value_cents, write: money, leaf: order("store") },
};

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** Whoever a leaf is true for in these days. */
export function within(leaf: object, { from, to }: Days): object {
  return { ...leaf, window: { between: [from, to] } };
}

/** The last so many days in a time zone, today with them. */
export function lastDays(count: number, timeZone: string): Days {
  const iso = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const to = iso.format(Date.now());
  const from = new Date(Date.parse(to) - (count - 1) * 86_400_000).toISOString().slice(0, 10);
  return { from, to };
}
