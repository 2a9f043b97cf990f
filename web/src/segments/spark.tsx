/** How many people were in a segment day by day, as small as a word. */
import type { Schemas } from "../api/client.ts";
import { useFormats, useWords } from "../words/index.tsx";

const WIDTH = 96;
const HEIGHT = 24;

export function Spark({ days }: { days: Schemas["TrendDay"][] }) {
  const words = useWords();
  const { number } = useFormats();
  if (days.length < 2) return null;
  const most = Math.max(...days.map(({ size }) => size), 1);
  const point = ({ size }: Schemas["TrendDay"], index: number) =>
    `${((index / (days.length - 1)) * WIDTH).toFixed(1)},${(HEIGHT - 1 - (size / most) * (HEIGHT - 2)).toFixed(1)}`;
  const sum = (of: "entered" | "left") => number(days.reduce((all, day) => all + day[of], 0));
  return (
    <>
      {/* Time goes as one reads: it is mirrored with the page. */}
      <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
        <polyline points={days.map(point).join(" ")} />
      </svg>
      <span className="help">{words.segments.trendOf(sum("entered"), sum("left"))}</span>
    </>
  );
}
