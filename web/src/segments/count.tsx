/** How many people a definition is true for, and some of them. */
import { Link } from "react-aria-components";
import { useMe } from "../me.tsx";
import { Failure } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";
import type { usePreview } from "./asking.ts";

interface CountProps {
  preview: ReturnType<typeof usePreview>;
  /** Whether what is wrong is said where it is. */
  isPlaced: boolean;
}

export function Count({ preview: { answer, isOld, isFetching, error }, isPlaced }: CountProps) {
  const words = useWords();
  const { number, plural } = useFormats();
  const { site } = useMe();
  const estimate = answer?.estimate;
  const told = answer && words.segments.count(number(answer.count), plural(answer.count));
  return (
    <section className="card count" data-old={isOld || undefined} aria-busy={isFetching}>
      <p role="status">
        {told === undefined ? (
          words.segments.counting
        ) : (
          <output>{estimate == null ? told : words.segments.about(told)}</output>
        )}
      </p>
      {estimate != null && <p className="help">{words.segments.margin(number(estimate.margin))}</p>}
      {answer !== undefined && (
        <p className="help">{words.segments.took(number(Math.max(answer.took_ms, 1) / 1000))}</p>
      )}
      {error && !isPlaced && <Failure error={error} />}
      {answer !== undefined && answer.sample.length > 0 && (
        <details>
          <summary>{words.segments.sample}</summary>
          <ul className="plain">
            {answer.sample.map((id) => (
              <li key={id}>
                <Link href={`/${site.slug}/people/${id}`}>
                  <bdi dir="ltr">{id}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
