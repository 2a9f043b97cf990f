/** Why somebody is in a segment, or is not: each condition, what was found, and the facts that say so. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { useSentence } from "../segments/asking.ts";
import { received } from "../segments/language.ts";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useSpeech } from "../words/index.tsx";
import { Entries } from "./entries.tsx";

/** As much of a node as is read here. */
interface Explained {
  pointer: string;
  asked?: object | null;
  found?: unknown;
}

export function Why({ segment, person }: { segment: string; person: string }) {
  const { words } = useSpeech();
  const { site } = useMe();
  const why = useQuery({
    queryKey: ["why", site.slug, segment, person],
    queryFn: () =>
      answer(
        api.GET("/v1/sites/{site}/segments/{segment}/people/{id}", {
          params: { path: { site: site.slug, segment, id: person } },
        }),
      ),
  });
  if (why.error) return <Failure error={why.error} retry={() => void why.refetch()} />;
  if (!why.data) return <Waiting />;
  return (
    <ul className="plain why">
      {why.data.nodes.map((node) => (
        <li key={node.pointer} data-depth={depthOf(node.pointer)}>
          <p>
            <strong className={node.is_true ? "verdict good" : "verdict bad"}>
              {node.is_true ? `✓ ${words.people.isTrue}` : `✗ ${words.people.isUntrue}`}
            </strong>{" "}
            {node.asked == null ? <Joined pointer={node.pointer} all={why.data.nodes} /> : <Asked asked={node.asked} />}
          </p>
          {node.found != null && (
            <p className="help">
              {words.people.found}: <Found node={node} />
            </p>
          )}
          {node.facts.length > 0 && (
            <details>
              <summary>{words.people.facts}</summary>
              <Entries entries={node.facts} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

/** How many nodes a node stands in: `/all/0/not` stands in two. */
function depthOf(pointer: string): number {
  return Math.min(pointer.split("/").filter((part) => ["all", "any", "not"].includes(part)).length, 6);
}

/** How a node joins its parts, which their pointers say. */
function Joined({ pointer, all }: { pointer: string; all: Explained[] }) {
  const { words } = useSpeech();
  const inner = all.find((node) => node.pointer.startsWith(`${pointer}/`));
  const how = inner?.pointer.slice(pointer.length + 1).split("/")[0];
  return <>{how === "any" ? words.people.any : how === "not" ? words.people.not : words.people.all}</>;
}

function Asked({ asked }: { asked: object }) {
  const { language } = useSpeech();
  const { site } = useMe();
  const sentence = useSentence(site.slug, received(asked as Record<string, never>));
  return <>{sentence.data?.[language] ?? <code>{JSON.stringify(asked)}</code>}</>;
}

function Found({ node }: { node: Explained }) {
  const formats = useFormats();
  const { words } = useSpeech();
  const { site } = useMe();
  const found = node.found;
  if (typeof found === "boolean") return <>{found ? words.segments.builder.yes : words.segments.builder.no}</>;
  if (typeof found !== "number") return <bdi>{Array.isArray(found) ? formats.list(found.map(String)) : String(found)}</bdi>;
  const asked = node.asked as { kind?: string; measure?: unknown } | null;
  const field = typeof asked?.measure === "object" ? Object.values(asked.measure ?? {})[0] : undefined;
  const isMoney = typeof field === "string" && field.endsWith("_cents");
  if (isMoney) return <>{formats.money(found, site.currency)}</>;
  if (field === "dwell_ms") return <>{formats.span(found)}</>;
  if (asked?.kind === "last") return <>{formats.moment(found)}</>;
  return <>{formats.number(found)}</>;
}
