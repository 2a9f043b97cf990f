/** A picture for each kind of entry of a timeline. */
import type { Schemas } from "../api/client.ts";

type Kind = Schemas["TimelineKind"];

/** Strokes on a field of 16 by 16. */
const STROKES: { [kind in Kind]: string } = {
  event: "M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.500 4.500-7 4.500S1 8 1 8zM8 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4",
  order: "M1 2h2l2 8h8l1.500-5.500H4M6 13.500h.01M12 13.500h.01",
  return: "M6 3L2 7l4 4M2 7h8a4 4 0 0 1 0 8H8",
  message: "M1.500 3.500h13v9h-13zM1.500 4l6.500 5l6.500-5",
  group: "M6 3a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5M1 14c0-3 2-4.500 5-4.500s5 1.500 5 4.500M11 3.500a2.200 2.200 0 0 1 0 4.300M12 10c2 .500 3 2 3 4",
  field: "M2 14l1-4L11 2l3 3l-8 8zM9.500 3.500l3 3",
  identity: "M7 9.500l3-3M6.500 5l2-2a3 3 0 0 1 4.300 4.300l-2 2M9.500 11l-2 2a3 3 0 0 1-4.300-4.300l2-2",
};

export function Icon({ kind, label }: { kind: Kind; label: string }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="18" height="18" role="img" aria-label={label}>
      <path d={STROKES[kind]} />
    </svg>
  );
}
