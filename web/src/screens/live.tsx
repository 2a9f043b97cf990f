/** Events as they come, raw and understood. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader, ToggleButton } from "react-aria-components";
import { useMe } from "../me.tsx";
import { TextInput } from "../ui/fields.tsx";
import { useFormats, useWords } from "../words/index.tsx";

type Outcome = "received" | "stored" | "duplicate" | "rejected";

/** What is told of an event; of one that is refused there is little to tell. */
interface Told {
  outcome: Outcome;
  event_id: string;
  type?: string;
  name?: string;
  ts?: number;
  path?: string;
  title?: string;
  visitor_id?: string;
  reason?: string;
}

interface Seen {
  told: Told;
  text: string;
  at: number;
}

/** How many events are kept in view. */
const MOST = 300;

/** What is new stands first; what became of an event takes the place of what was known of it. */
function joined(seen: Seen[], come: Seen): Seen[] {
  const known = seen.find(({ told }) => told.event_id === come.told.event_id);
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
      const come = { told: JSON.parse(data) as Told, text: data, at: Date.now() };
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
    return wanted === "" ? seen : seen.filter(({ text, told }) => `${text}${told.reason}`.toLowerCase().includes(wanted));
  }, [seen, filter]);

  return (
    <>
      <h1>{words.live.title}</h1>
      <p>{words.live.intro}</p>
      <div className="bar">
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
            <Column isRowHeader>{words.live.columns.at}</Column>
            <Column>{words.live.columns.type}</Column>
            <Column>{words.live.columns.where}</Column>
            <Column>{words.live.columns.who}</Column>
            <Column>{words.live.columns.outcome}</Column>
          </TableHeader>
          <TableBody
            items={shown}
            renderEmptyState={() => (
              <p className="empty">{filter === "" ? words.live.empty : words.live.nothingFits}</p>
            )}
          >
            {({ told, text, at }) => (
              <Row id={told.event_id} textValue={told.type ?? told.outcome}>
                <Cell>{formats.time(told.ts ?? at)}</Cell>
                <Cell>
                  <details>
                    <summary>{told.name || told.type || "–"}</summary>
                    <pre dir="ltr" aria-label={words.live.raw}>
                      {JSON.stringify(JSON.parse(text), null, 2)}
                    </pre>
                  </details>
                </Cell>
                <Cell>
                  <bdi dir="ltr">{told.path}</bdi>
                  {told.title !== undefined && (
                    <span className="help" dir="auto">
                      {told.title}
                    </span>
                  )}
                </Cell>
                <Cell>
                  <bdi dir="ltr">{told.visitor_id}</bdi>
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
