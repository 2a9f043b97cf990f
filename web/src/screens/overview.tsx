/** What happened on the site and in the stores. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { lastDays } from "../overview/figures.ts";
import { Figures } from "../overview/figures.tsx";
import { Loss } from "../overview/loss.tsx";
import { Top, TOPS } from "../overview/top.tsx";
import { Choose } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

const STRETCHES = [7, 30, 90, 365];

export default function Overview() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const count = STRETCHES.find((days) => String(days) === search.get("days")) ?? 30;
  const days = lastDays(count, site.timeZone);
  const overview = useQuery({
    queryKey: ["overview", site.slug, days.from, days.to],
    queryFn: () =>
      answer(api.GET("/v1/sites/{site}/overview", { params: { path: { site: site.slug }, query: { ...days } } })),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  const choose = (chosen: number) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        after.set("days", String(chosen));
        return after;
      },
      { replace: true },
    );
  const isEmpty = overview.data !== undefined && overview.data.now.total.visits === 0;
  return (
    <>
      <h1>{words.overview.title}</h1>
      <p>{words.overview.intro}</p>
      <div className="bar">
        <Choose
          label={words.app.stretch}
          choices={STRETCHES.map((days) => ({ id: days, name: words.app.lastDays(formats.number(days)) }))}
          value={count}
          onChange={choose}
        />
      </div>
      {overview.error && <Failure error={overview.error} retry={() => void overview.refetch()} />}
      {overview.isPending && <Waiting />}
      {isEmpty && (
        <p className="empty">
          {words.overview.empty} <Link href={`/${site.slug}/install`}>{words.nav.install}</Link>
        </p>
      )}
      {overview.data !== undefined && <Figures overview={overview.data} />}
      <div className="tops">
        {TOPS.map((of) => (
          <Top key={of} of={of} days={days} />
        ))}
        <Loss days={days} />
      </div>
    </>
  );
}
