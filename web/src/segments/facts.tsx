/** Which facts: events, orders or messages, and what holds of each. */
import { Choose } from "../ui/fields.tsx";
import { ChooseMany } from "../ui/suggest.tsx";
import type { Bare } from "./language.ts";
import { Filters } from "./filters.tsx";
import { useNaming, useVocabulary } from "./naming.tsx";

const ANY = "any";

function listed(event: string | string[] | undefined): string[] {
  return event === undefined ? [] : Array.isArray(event) ? event : [event];
}

/** One word where it is one. */
function unlisted(events: string[]): string | string[] {
  const [only] = events;
  return events.length === 1 && only !== undefined ? only : events;
}

function fresh(kind: Bare["kind"]): Bare {
  switch (kind) {
    case "event":
      return { kind, event: "page_view" };
    case "order":
      return { kind };
    case "message":
      return { kind, event: "opened" };
  }
}

interface FactsProps<F extends Bare> {
  value: F;
  /** What may be chosen; where it is one kind, it stays. */
  kinds?: Bare["kind"][];
  onChange: (value: F) => void;
}

export function Facts<F extends Bare>({ value, kinds = [], onChange }: FactsProps<F>) {
  const { terms, choices } = useNaming();
  const known = useVocabulary();
  return (
    <>
      {kinds.length > 1 && (
        <Choose
          label={terms.builder.ofLast}
          quiet
          choices={kinds.map((id) => ({ id, name: terms.builder.heads[id] }))}
          value={value.kind}
          onChange={(kind) => onChange(fresh(kind) as F)}
        />
      )}
      {value.kind === "event" && (
        <ChooseMany
          label={terms.builder.event}
          quiet
          choices={[{ id: ANY, name: terms.builder.anyEvent }, ...choices(known.events, terms.events)]}
          values={listed(value.event)}
          onChange={(events) => {
            const had = listed(value.event).includes(ANY);
            // Anything is no one of several.
            const kept = events.includes(ANY) && !had ? [ANY] : events.filter((event) => event !== ANY);
            if (kept.length > 0) onChange({ ...value, event: unlisted(kept) });
          }}
        />
      )}
      {value.kind === "message" && (
        <>
          <Choose
            label={terms.builder.channel}
            quiet
            choices={[{ id: "", name: terms.builder.anyChannel }, ...choices(known.channels, terms.channels)]}
            value={value.channel ?? ""}
            onChange={(channel) => {
              const { channel: _, ...rest } = value;
              onChange((channel === "" ? rest : { ...rest, channel }) as F);
            }}
          />
          <ChooseMany
            label={terms.builder.message}
            quiet
            choices={choices(known.messages, terms.messages)}
            values={listed(value.event)}
            onChange={(events) => events.length > 0 && onChange({ ...value, event: unlisted(events) })}
          />
        </>
      )}
      <Filters source={value.kind} value={value.where ?? []} onChange={(where) => onChange(withList(value, where))} />
    </>
  );
}

/** With filters; an empty list is none. */
export function withList<T extends { where?: unknown }>(value: T, where: NonNullable<T["where"]> & unknown[]): T {
  if (where.length > 0) return { ...value, where };
  const { where: _, ...rest } = value;
  return rest as T;
}
