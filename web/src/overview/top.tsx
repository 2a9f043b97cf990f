/** What most visitors looked at, each with the people who did. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-aria-components";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { addressOf } from "../segments/address.ts";
import { Failure, Waiting } from "../ui/states.tsx";
import type { Words } from "../words/en.ts";
import { useFormats, useSpeech, useWords } from "../words/index.tsx";
import { within, type Days } from "./figures.ts";

export type Of = keyof Words["overview"]["tops"];

/** The events that are counted. */
const EVENTS: Record<Of, string> = {
  pages: "page_view",
  categories: "page_view",
  products: "view_item",
  sources: "any",
  searches: "search",
  devices: "page_view",
};

export const TOPS = Object.keys(EVENTS) as Of[];

export function Top({ of, days }: { of: Of; days: Days }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const named = useNamed();
  const top = useQuery({
    queryKey: ["top", site.slug, of, days.from, days.to],
    queryFn: () =>
      answer(api.GET("/v1/sites/{site}/top", { params: { path: { site: site.slug }, query: { of, ...days } } })),
  });
  const peopleOf = (fields: { [field: string]: string }) => {
    const where = Object.entries(fields).map(([field, value]) => ({ field, op: "eq", value }));
    return addressOf(`/${site.slug}/segments/new`, within({ kind: "event", event: EVENTS[of], where }, days), {});
  };
  const most = top.data?.[0]?.visitors ?? 1;
  return (
    <section className="card" data-top={of}>
      <h2>{words.overview.tops[of]}</h2>
      {top.error && <Failure error={top.error} retry={() => void top.refetch()} />}
      {top.isPending && <Waiting />}
      {top.data?.length === 0 && <p className="empty">{words.overview.nothing}</p>}
      {top.data !== undefined && top.data.length > 0 && (
        <ol className="plain top">
          {top.data.map(({ fields, visitors, events }) => {
            const name = named(fields);
            return (
              <li key={name} style={{ "--share": visitors / most } as React.CSSProperties}>
                <Link href={peopleOf(fields)} aria-label={words.overview.peopleOf(name)}>
                  <bdi>{name}</bdi>
                </Link>
                <span title={`${words.overview.times}: ${formats.number(events)}`}>{formats.number(visitors)}</span>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

/** What something is called: words of the language are read, the rest is as it was sent. */
function useNamed() {
  const { words } = useSpeech();
  return (fields: { [field: string]: string }) => {
    const parts = Object.entries(fields).map(([field, value]) =>
      field === "channel" || field === "device" ? words.overview.words[value] ?? value : value,
    );
    return parts.join(" · ");
  };
}
