/** When: lengths of time, and windows. */
import { NumberInput } from "../ui/number.tsx";
import { DayInput } from "../ui/date.tsx";
import { Choose } from "../ui/fields.tsx";
import { useFormats } from "../words/index.tsx";
import type { Bare, Duration, Unit, Window } from "./language.ts";
import { Facts } from "./facts.tsx";
import { useNaming, useVocabulary } from "./naming.tsx";

/** Each with how many of it five years are. */
const UNITS: { [unit in Unit]: number } = {
  minute: 2_629_440,
  hour: 43_824,
  day: 1826,
  week: 260,
  month: 60,
  year: 5,
};

interface Of<T> {
  value: T;
  onChange: (value: T) => void;
}

export function DurationInput({ label, value, onChange }: Of<Duration> & { label: string }) {
  const { terms } = useNaming();
  const { plural } = useFormats();
  const units = Object.keys(UNITS) as Unit[];
  return (
    <div className="pair" role="group" aria-label={label}>
      <NumberInput
        label={`${label}: ${terms.builder.number}`}
        quiet
        value={value.n}
        least={1}
        most={UNITS[value.unit]}
        onChange={(n) => onChange({ ...value, n: n ?? 1 })}
      />
      <Choose
        label={`${label}: ${terms.builder.unit}`}
        quiet
        choices={units.map((id) => ({ id, name: terms.units[id](plural(value.n)) }))}
        value={value.unit}
        onChange={(unit) => onChange({ n: Math.min(value.n, UNITS[unit]), unit })}
      />
    </div>
  );
}

type Shape = "ever" | "last" | "between" | "between_ago" | "since" | "calendar" | "next";

function shapeOf(window: Window): Shape {
  return window === "ever" ? "ever" : (Object.keys(window).find((key) => key !== "years_ago") as Shape);
}

const MONTH: Duration = { n: 1, unit: "month" };

/** What a window of that shape begins as. */
function fresh(shape: Shape): Window {
  const today = new Date().toISOString().slice(0, 10);
  switch (shape) {
    case "ever":
      return "ever";
    case "last":
      return { last: MONTH };
    case "next":
      return { next: { n: 7, unit: "day" } };
    case "between":
      return { between: [`${today.slice(0, 8)}01`, today] };
    case "between_ago":
      return { between_ago: [MONTH, { n: 2, unit: "month" }] };
    case "since":
      return { since: { kind: "order" } };
    case "calendar":
      return { calendar: "this_month" };
  }
}

/** Of facts, which are past; or of dates of contacts, which may lie ahead. */
export function WindowInput({ value, onChange, ahead = false }: Of<Window> & { ahead?: boolean }) {
  const { terms, choices } = useNaming();
  const { calendar } = useVocabulary();
  const shape = shapeOf(value);
  const past: Shape[] = ["ever", "last", "calendar", "between", "between_ago", "since"];
  const shapes = ahead ? [...past, "next" as const] : past;
  return (
    <div className="pair" role="group" aria-label={terms.builder.window}>
      <span className="joint">{terms.builder.window}</span>
      <Choose
        label={terms.builder.window}
        quiet
        choices={shapes.map((id) => ({ id, name: terms.windows[id] }))}
        value={shape}
        onChange={(chosen) => onChange(fresh(chosen))}
      />
      {value !== "ever" && "last" in value && (
        <DurationInput label={terms.windows.last} value={value.last} onChange={(last) => onChange({ last })} />
      )}
      {value !== "ever" && "next" in value && (
        <DurationInput label={terms.windows.next} value={value.next} onChange={(next) => onChange({ next })} />
      )}
      {value !== "ever" && "between" in value && (
        <>
          <DayInput
            label={terms.builder.from}
            value={value.between[0]}
            onChange={(from) => onChange({ between: [from, value.between[1]] })}
          />
          <DayInput
            label={terms.builder.to}
            value={value.between[1]}
            onChange={(to) => onChange({ between: [value.between[0], to] })}
          />
        </>
      )}
      {value !== "ever" && "between_ago" in value && (
        <>
          <DurationInput
            label={terms.builder.near}
            value={value.between_ago[0]}
            onChange={(near) => onChange({ between_ago: [near, value.between_ago[1]] })}
          />
          <DurationInput
            label={terms.builder.far}
            value={value.between_ago[1]}
            onChange={(far) => onChange({ between_ago: [value.between_ago[0], far] })}
          />
        </>
      )}
      {value !== "ever" && "since" in value && (
        <Facts value={value.since} kinds={["event", "order"]} onChange={(since: Bare) => onChange({ since })} />
      )}
      {value !== "ever" && "calendar" in value && (
        <>
          <Choose
            label={terms.builder.period}
            quiet
            choices={choices(ahead ? [...calendar.past, ...calendar.ahead] : calendar.past, terms.calendar)}
            value={value.calendar}
            onChange={(period) => onChange({ ...value, calendar: period })}
          />
          <NumberInput
            label={terms.builder.yearsAgo}
            value={value.years_ago ?? 0}
            least={0}
            most={100}
            onChange={(years = 0) =>
              onChange(years === 0 ? { calendar: value.calendar } : { calendar: value.calendar, years_ago: years })
            }
          />
        </>
      )}
    </div>
  );
}
