/** Events as they come, raw and understood. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader, ToggleButton } from "react-aria-components";
import { useMe } from "../me.tsx";
import { TextInput } from "../ui/fields.tsx";
import { read, useFormats, useWords } from "../words/index.tsx";

type Outcome = "received" | "stored" | "duplicate" | "rejected";

/** What is told of an event: of one that was taken all of it, of one that was refused which it was. */
interface Told {
  outcome: Outcome;
  event?: Understood;
  event_id?: string;
  reason?: string;
}

/** An event as it was understood, of which there is more than is listed. */
interface Understood {
  event_id: string;
  type: string;
  name?: string;
  ts: number;
  path?: string;
  title?: string;
  category?: string;
  product?: string;
  /** What category and product were read from. */
  page_source?: string;
  visitor_id?: string;
}

interface Seen {
  id: string;
  told: Told;
  at: number;
}

/** How many events are kept in view. */
const MOST = 300;

/** What is new stands first; what became of an event takes the place of what was known of it. */
function joined(seen: Seen[], come: Seen): Seen[] {
  const known = seen.find(({ id }) => id === come.id);
  if (known === undefined) return [come, ...seen].slice(0, MOST);
  const told = { ...known.told, ...come.told };
  return seen.map((one) => (one === known ? { ...known, told } : one));
}

export default function Live() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const [seen, setSeen] = useState<Seen[]>([]);
  const [held, setHeld] = useState<Seen[]>([]);
  const [missed, setMissed] = useState(0);
  const [isLost, setIsLost] = useState(false);
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState("");
  const isPaused = useRef(false);
  isPaused.current = paused;

  useEffect(() => {
    const source = new EventSource(`/v1/sites/${site.slug}/live`);
    source.addEventListener("event", ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as Told;
      const come = { id: told.event?.event_id ?? told.event_id ?? "", told, at: Date.now() };
      const add = (before: Seen[]) => joined(before, come);
      if (isPaused.current) setHeld(add);
      else setSeen(add);
    });
    source.addEventListener("missed", ({ data }: MessageEvent<string>) => {
      setMissed((before) => before + Number(data));
    });
    source.addEventListener("open", () => setIsLost(false));
    source.addEventListener("error", () => setIsLost(true));
    return () => source.close();
  }, [site.slug]);

  const pause = (now: boolean) => {
    setPaused(now);
    if (!now) {
      setSeen((before) => held.reduceRight(joined, before));
      setHeld([]);
    }
  };
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    return wanted === "" ? seen : seen.filter(({ told }) => JSON.stringify(told).toLowerCase().includes(wanted));
  }, [seen, filter]);

  return (
    <>
      <h1>{words.live.title}</h1>
      <p>{words.live.intro}</p>
      <div className="bar asking">
        <TextInput
          label={words.live.filter}
          help={words.live.filterHelp}
          value={filter}
          onChange={setFilter}
          type="search"
        />
        <ToggleButton isSelected={paused} onChange={pause}>
          {paused ? words.live.resume : words.live.pause}
        </ToggleButton>
      </div>
      <p role="status">
        {paused && words.live.paused(held.length, formats.plural(held.length))}
        {isLost && words.live.lost} {missed > 0 && words.live.missed(formats.number(missed))}
      </p>
      <div className="wide">
        <Table aria-label={words.live.title}>
          <TableHeader>
            <Column>{words.live.columns.at}</Column>
            <Column isRowHeader>{words.live.columns.type}</Column>
            <Column>{words.live.columns.where}</Column>
            <Column>{words.live.columns.who}</Column>
            <Column>{words.live.columns.outcome}</Column>
          </TableHeader>
          <TableBody
            items={shown}
            dependencies={[words]}
            renderEmptyState={() => (
              <p className="empty">{filter === "" ? words.live.empty : words.live.nothingFits}</p>
            )}
          >
            {({ id, told, at }) => (
              <Row id={id} textValue={told.event?.type ?? told.outcome}>
                <Cell>{formats.time(told.event?.ts ?? at)}</Cell>
                <Cell>
                  <details>
                    <summary>{told.event === undefined ? "–" : (told.event.name ?? read(words.segments.events, told.event.type))}</summary>
                    <pre dir="ltr" aria-label={words.live.raw}>
                      {JSON.stringify(told.event ?? told, null, 2)}
                    </pre>
                  </details>
                </Cell>
                <Cell>
                  <bdi dir="ltr">{told.event?.path}</bdi>
                  {told.event?.title !== undefined && (
                    <span className="help">
                      <bdi>{told.event.title}</bdi>
                    </span>
                  )}
                  {told.event !== undefined && <Named event={told.event} />}
                </Cell>
                <Cell>
                  <bdi dir="ltr">{told.event?.visitor_id}</bdi>
                </Cell>
                <Cell>
                  <span className={`outcome ${told.outcome}`}>{words.live.outcomes[told.outcome]}</span>
                  {told.reason !== undefined && <code>{told.reason}</code>}
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}

/** What the page is about, and where it says so. */
function Named({ event: { category = "", product = "", page_source: source = "" } }: { event: Understood }) {
  const words = useWords();
  const named = [category, product].filter((text) => text !== "");
  if (named.length === 0) return null;
  return (
    <span className="help">
      <bdi>{named.join(" · ")}</bdi> {source !== "" && `(${words.live.sources[source] ?? source})`}
    </span>
  );
}
