/** The figures themselves, each beside what it was, and one of them drawn by day. */
import { Link, ToggleButton } from "react-aria-components";
import { useSearchParams } from "wouter";
import type { Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { addressOf } from "../segments/address.ts";
import { Chart } from "../ui/chart.tsx";
import { useFormats, useWords } from "../words/index.tsx";
import { FIGURE_NAMES, FIGURES, within, type FigureName } from "./figures.ts";

type Overview = Schemas["Overview"];

export function Figures({ overview: { now, before, currency } }: { overview: Overview }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const drawn = FIGURE_NAMES.find((name) => name === search.get("figure")) ?? "visitors";
  const draw = (name: FigureName) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        after.set("figure", name);
        return after;
      },
      { replace: true },
    );
  const { value, write } = FIGURES[drawn];
  const label = words.overview.figures[drawn];
  return (
    <>
      <ul className="figures happened">
        {FIGURE_NAMES.map((name) => {
          const figure = FIGURES[name];
          const [is, was] = [figure.value(now.total), figure.value(before.total)];
          const people = addressOf(`/${site.slug}/segments/new`, within(figure.leaf, now), {});
          const help = name === "visitors" || name === "carts" ? words.overview.help[name] : undefined;
          return (
            <li key={name} data-figure={name}>
              <ToggleButton className="figure" isSelected={drawn === name} onChange={() => draw(name)}>
                <span>{words.overview.figures[name]}</span>
                <strong>{figure.write(formats, is, currency)}</strong>
              </ToggleButton>
              <Change is={is} was={was} written={figure.write(formats, was, currency)} />
              {help !== undefined && <span className="help">{help}</span>}
              <Link href={people} aria-label={words.overview.peopleOf(words.overview.figures[name])}>
                {words.overview.people}
              </Link>
            </li>
          );
        })}
      </ul>
      <Chart
        label={label}
        labels={now.days.map(({ day }) => formats.day(day))}
        series={[
          { name: words.overview.now, values: now.days.map(value), kind: "bar", tone: "main" },
          { name: words.overview.before, values: before.days.map(value), kind: "line", tone: "faint", dashed: true },
        ]}
        format={(of) => write(formats, of, currency)}
      />
    </>
  );
}

function Change({ is, was, written }: { is: number; was: number; written: string }) {
  const words = useWords();
  const formats = useFormats();
  if (was === 0) return <span className="help">{is === 0 ? "–" : words.overview.anew}</span>;
  const tone = is === was ? "help" : is > was ? "verdict good" : "verdict bad";
  return (
    <span className="change">
      <span className={tone} dir="ltr">
        {formats.change((is - was) / was)}
      </span>{" "}
      <span className="help">{words.overview.was(written)}</span>
    </span>
  );
}
