/** How many events were recorded, and how many of them never came. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";
import type { Days } from "./figures.ts";

export function Loss({ days }: { days: Days }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const quality = useQuery({
    queryKey: ["quality", site.slug, days.from, days.to],
    queryFn: () =>
      answer(api.GET("/v1/sites/{site}/quality", { params: { path: { site: site.slug }, query: { ...days } } })),
  });
  if (quality.error) return <Failure error={quality.error} retry={() => void quality.refetch()} />;
  if (!quality.data) return <Waiting />;
  const sum = (of: "recorded" | "stored" | "missing" | "rejected" | "no_room") =>
    quality.data.days.reduce((all, day) => all + day[of], 0);
  const recorded = sum("recorded");
  const lines = [
    [words.overview.loss.recorded, recorded],
    [words.overview.loss.stored, sum("stored")],
    [words.overview.loss.missing, sum("missing")],
    [words.overview.loss.rejected, sum("rejected")],
    [words.overview.loss.noRoom, sum("no_room")],
  ] as const;
  return (
    <section className="card" data-top="loss">
      <h2>{words.overview.loss.title}</h2>
      <p className="help">{words.overview.loss.intro}</p>
      {recorded === 0 ? (
        <p className="empty">{words.overview.loss.none}</p>
      ) : (
        <ul className="plain top">
          {lines.map(([name, count]) => (
            <li key={name} style={{ "--share": count / recorded } as React.CSSProperties}>
              <span>{name}</span>
              <span>
                {formats.number(count)} <span className="help">{formats.percent(count / recorded)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
