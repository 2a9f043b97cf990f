/** The segment language: what a definition is, and what this site's own schema offers for it. */

export type Unit = "minute" | "hour" | "day" | "week" | "month" | "year";
export interface Duration {
  n: number;
  unit: Unit;
}

export type Value = string | number | boolean;
export interface Filter {
  field: string;
  op: string;
  value?: Value | Value[];
}

export interface Bare {
  kind: "event" | "order" | "message";
  event?: string | string[];
  channel?: string;
  where?: Filter[];
}

export type Window =
  | "ever"
  | { last: Duration }
  | { between: [string, string] }
  | { between_ago: [Duration, Duration] }
  | { since: Bare }
  | { calendar: string; years_ago?: number }
  | { next: Duration };

export type Measure = string | { [how: string]: string };
export type Compare = { [op: string]: number | [number, number] };

export interface FactLeaf extends Bare {
  measure?: Measure;
  per?: string;
  latest?: boolean;
  compare?: Compare;
  window?: Window;
}
export interface LastLeaf {
  kind: "last";
  of: "visit" | Bare;
  window: Window;
}
export interface CartLeaf {
  kind: "cart";
  state: "abandoned";
  idle?: Duration;
  where?: Filter[];
  window?: Window;
}
export interface ContactLeaf extends Filter {
  kind: "contact";
  window?: Window;
}
export interface GroupLeaf {
  kind: "group";
  group: string;
}
export interface SegmentLeaf {
  kind: "segment";
  segment: string;
}
export interface Step {
  of: Bare;
  within?: Duration;
  absent?: boolean;
  same?: string[];
  differs?: string[];
}
export interface SequenceLeaf {
  kind: "sequence";
  steps: Step[];
  window?: Window;
}
export type Leaf = FactLeaf | LastLeaf | CartLeaf | ContactLeaf | GroupLeaf | SegmentLeaf | SequenceLeaf;
export type Node = { all: Node[] } | { any: Node[] } | { not: Node } | Leaf;

/** Texts by language. */
export type Labels = { [language: string]: string };

export interface Entry {
  value: string;
  title: string;
  labels?: Labels;
}

/** What an operator is given. */
export type Given = "value" | "list" | "bounds" | "window" | "nothing";
export type Kind = "text" | "number" | "money" | "date" | "flag";

/** A field that filters and contacts are asked for. */
export interface Field {
  name: string;
  labels?: Labels;
  kind: Kind;
  ops: { op: string; given: Given }[];
  /** Values to choose from; others fit as well unless they are all. */
  values: Entry[];
  isClosed: boolean;
  /** Of a rating: the best. */
  scale?: number;
}

export interface Measures {
  plain: string[];
  /** How fields are measured, and which. */
  of: { [how: string]: string[] };
}

export type Source = "event" | "order" | "message" | "item";

/** What the site has to choose from. */
export interface Vocabulary {
  kinds: string[];
  events: string[];
  messages: string[];
  channels: string[];
  filters: { [source in Source]: Field[] };
  contact: Field[];
  groups: Entry[];
  segments: Entry[];
  measures: { event: Measures; any: Measures; order: Measures };
  calendar: { past: string[]; ahead: string[] };
}

/** A JSON Schema, as far as the backend writes one. */
interface Schema {
  $ref?: string;
  const?: string;
  enum?: string[];
  oneOf?: Schema[];
  items?: Schema;
  type?: string;
  properties?: { [name: string]: Schema };
  "x-values"?: { const: string; title: string; "x-labels"?: Labels }[];
  "x-labels"?: Labels;
  "x-scale"?: number;
  "x-order"?: string;
}
export type LanguageSchema = { $defs: { [name: string]: Schema } };

const KINDS: { [test: string]: Kind } = {
  number_test: "number",
  money_test: "money",
  date_test: "date",
  instant_test: "date",
  flag_test: "flag",
};

/** Reads what the site has from the language's schema. */
export function vocabulary({ $defs }: LanguageSchema): Vocabulary {
  const part = (name: string): Schema => $defs[name] ?? {};
  const referred = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : part(schema.$ref.slice("#/$defs/".length));
  const words = (schema: Schema | undefined): string[] =>
    schema === undefined ? [] : [...(schema.enum ?? []), ...(schema.oneOf ?? []).flatMap((one) => one.enum ?? [])];

  const field = (schema: Schema): Field => {
    const test = (schema.$ref ?? "").slice("#/$defs/".length);
    const shapes = schema.oneOf ?? referred(schema).oneOf ?? [];
    const ops = shapes.flatMap((shape) => {
      const value = shape.properties?.["value"];
      const given: Given =
        shape.properties?.["window"] !== undefined
          ? "window"
          : value === undefined
            ? "nothing"
            : value["x-order"] !== undefined
              ? "bounds"
              : value.items !== undefined
                ? "list"
                : "value";
      return (shape.properties?.["op"]?.enum ?? []).map((op) => ({ op, given }));
    });
    const only = shapes.find((shape) => shape.properties?.["value"]?.enum)?.properties?.["value"]?.enum;
    const values = (schema["x-values"] ?? []).map(({ const: value, title, "x-labels": labels }) => ({
      value,
      title,
      ...(labels === undefined ? {} : { labels }),
    }));
    return {
      name: schema.properties?.["field"]?.const ?? "",
      kind: KINDS[test] ?? (schema["x-scale"] === undefined ? "text" : "number"),
      ops,
      values: only === undefined || values.length > 0 ? values : only.map((value) => ({ value, title: value })),
      isClosed: only !== undefined,
      ...(schema["x-labels"] === undefined ? {} : { labels: schema["x-labels"] }),
      ...(schema["x-scale"] === undefined ? {} : { scale: schema["x-scale"] }),
    };
  };
  const fields = (name: string): Field[] => (part(name).oneOf ?? []).map(field);
  const measures = (name: string): Measures => {
    const [plain, ofField] = part(name).oneOf ?? [];
    const of = Object.entries(ofField?.properties ?? {}).map(([how, names]) => [how, words(names)] as const);
    return { plain: words(plain), of: Object.fromEntries(of) };
  };
  const chosen = (leaf: string, key: string): Entry[] =>
    (part(leaf).properties?.[key]?.oneOf ?? []).map(({ const: value = "", ...rest }) => ({
      value,
      title: (rest as { title?: string }).title ?? value,
    }));
  const calendar = (name: string): string[] => {
    const window = (part(name).oneOf ?? []).find((one) => one.properties?.["calendar"]);
    return words(window?.properties?.["calendar"]);
  };
  const past = calendar("window");
  return {
    kinds: (part("node").oneOf ?? []).map(({ $ref = "" }) => $ref.slice("#/$defs/".length)),
    events: words(part("event_types").oneOf?.[0]),
    messages: words(part("message_types").oneOf?.[0]),
    channels: words(part("message_leaf").properties?.["channel"]),
    filters: {
      event: fields("event_filter"),
      order: fields("order_filter"),
      message: fields("message_filter"),
      item: fields("item_filter"),
    },
    contact: fields("contact_leaf"),
    groups: chosen("group_leaf", "group"),
    segments: chosen("segment_leaf", "segment"),
    measures: {
      event: measures("measure_of_events"),
      any: measures("measure_of_any"),
      order: measures("measure_of_orders"),
    },
    calendar: { past, ahead: calendar("window_of_dates").filter((name) => !past.includes(name)) },
  };
}

/** A definition as the API's types have it, which know no more of it than that it is an object. */
export function sent(node: Node | undefined): Record<string, never> {
  return (node ?? {}) as unknown as Record<string, never>;
}

export function received(definition: Record<string, never>): Node {
  return definition as unknown as Node;
}
