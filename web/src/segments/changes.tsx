/** Who came into a segment and who left it. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Chart } from "../ui/chart.tsx";
import { Choose } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

const STRETCHES = [7, 30, 90, 365];

export default function Changes({ segment }: { segment: string }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const days = Number(search.get("days") ?? 30);
  const trend = useQuery({
    queryKey: ["trends", site.slug, segment, days],
    queryFn: () =>
      answer(
        api.GET("/v1/sites/{site}/segment-trends", {
          params: { path: { site: site.slug }, query: { segment, days } },
        }),
      ),
    refetchInterval: 20_000,
  });
  if (trend.error) return <Failure error={trend.error} retry={() => void trend.refetch()} />;
  if (!trend.data) return <Waiting />;
  const told = trend.data.segments[segment] ?? [];
  return (
    <>
      <div className="bar">
        <Choose
          label={words.app.stretch}
          choices={STRETCHES.map((count) => ({ id: count, name: words.app.lastDays(formats.number(count)) }))}
          value={days}
          onChange={(chosen) =>
            setSearch(
              (before) => {
                const after = new URLSearchParams(before);
                after.set("days", String(chosen));
                return after;
              },
              { replace: true },
            )
          }
        />
      </div>
      <Chart
        label={words.segments.tabs.changes}
        labels={told.map(({ day }) => formats.day(day))}
        series={[
          { name: words.segments.chart.entered, values: told.map(({ entered }) => entered), kind: "bar", tone: "good" },
          { name: words.segments.chart.left, values: told.map(({ left }) => -left), kind: "bar", tone: "bad" },
          { name: words.segments.chart.size, values: told.map(({ size }) => size), kind: "line", tone: "main" },
        ]}
      />
    </>
  );
}
