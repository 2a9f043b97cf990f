/** Entries of a timeline, each with its icon, its moment and what there is to say of it. */
import type { Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { read, useFormats, useWords } from "../words/index.tsx";
import { useFieldNames } from "./fields.ts";
import { Icon } from "./icons.tsx";

type Entry = Schemas["TimelineEntry"];

export function Entries({ entries }: { entries: Entry[] }) {
  const words = useWords();
  const formats = useFormats();
  return (
    <ol className="plain timeline">
      {entries.map((entry) => (
        <li key={`${entry.at} ${entry.kind} ${entry.id}`}>
          <Icon kind={entry.kind} label={words.people.kinds[entry.kind]} />
          <time dateTime={new Date(entry.at).toISOString()}>{formats.moment(entry.at)}</time>
          <details>
            <summary>
              <Summary entry={entry} />
            </summary>
            <pre dir="ltr">{JSON.stringify(entry.what, null, 2)}</pre>
          </details>
        </li>
      ))}
    </ol>
  );
}

function Summary({ entry }: { entry: Entry }) {
  const words = useWords();
  const formats = useFormats();
  const names = useFieldNames();
  const { site } = useMe();
  const what = entry.what as { [name: string]: unknown };
  const text = (name: string) => (typeof what[name] === "string" ? what[name] : "");
  const money = typeof what["value_cents"] === "number" ? what["value_cents"] : undefined;
  const currency = text("currency") || site.currency;
  switch (entry.kind) {
    case "event":
      return (
        <>
          {read(words.segments.events, text("type"))}{" "}
          <bdi>{text("search_term") || text("title") || text("name") || text("path")}</bdi>
        </>
      );
    case "order":
    case "return":
      return (
        <>
          {entry.kind === "return" ? words.people.returned : words.segments.builder.heads.order}{" "}
          {money !== undefined && formats.money(money, currency)} <bdi>{text("store") || text("order_id")}</bdi>
        </>
      );
    case "message":
      return (
        <>
          {read(words.segments.channels, text("channel"))} {read(words.segments.messages, text("event"))}{" "}
          <bdi>{text("campaign")}</bdi>
        </>
      );
    case "group":
      return (
        <>
          {text("member") === "in" ? words.people.came : words.people.left} <bdi>{text("group")}</bdi>
        </>
      );
    case "field":
      return (
        <>
          <bdi>{names.field(text("field"))}</bdi>{" "}
          {what["taken_back"] === true ? words.people.tookBack : words.people.became}{" "}
          <bdi>{names.value(text("field"), what["value"])}</bdi>
        </>
      );
    case "identity":
      return (
        <>
          {read(words.people.identityKinds, text("identity"))} <bdi dir="ltr">{text("value")}</bdi>
        </>
      );
  }
}
