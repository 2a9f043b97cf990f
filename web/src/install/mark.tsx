/** A mark for how something is. */
import type { Schemas } from "../api/client.ts";
import { useWords } from "../words/index.tsx";

export type Verdict = Schemas["ShopVerdict"] | "waiting";

/** Strokes on a field of 16 by 16. */
const STROKES: { [verdict in Verdict]: string } = {
  good: "M3 8.500l3.500 3.500l6.500-8",
  warning: "M8 2.500v7M8 13v.5",
  bad: "M4 4l8 8M12 4l-8 8",
  waiting: "M8 4.500v4h3",
};

export function Mark({ verdict }: { verdict: Verdict }) {
  const words = useWords();
  return (
    <svg className="mark" viewBox="0 0 16 16" role="img" aria-label={words.install.verdicts[verdict]}>
      <path d={STROKES[verdict]} />
    </svg>
  );
}
