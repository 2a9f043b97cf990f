/** How many people are in this segment and in others too. */
import { useQuery } from "@tanstack/react-query";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { SuggestMany } from "../ui/suggest.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useLabel, useWords } from "../words/index.tsx";

/** This one and nine others. */
const MOST = 9;

export default function Overlap({ segment }: { segment: string }) {
  const words = useWords();
  const formats = useFormats();
  const label = useLabel();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const others = (search.get("with") ?? "").split(",").filter((id) => id !== "");
  const path = { site: site.slug };
  const listed = useQuery({
    queryKey: ["segments", site.slug, false],
    queryFn: () => answer(api.GET("/v1/sites/{site}/segments", { params: { path } })),
  });
  const overlap = useQuery({
    queryKey: ["overlap", site.slug, segment, others],
    queryFn: () =>
      answer(
        api.POST("/v1/sites/{site}/segment-overlap", { params: { path }, body: { segments: [segment, ...others] } }),
      ),
    enabled: others.length > 0,
  });
  const error = listed.error ?? overlap.error;
  if (error) return <Failure error={error} retry={() => void (listed.error ? listed : overlap).refetch()} />;
  if (!listed.data) return <Waiting />;
  const named = (id: string) => {
    const found = listed.data.find((one) => one.id === id);
    return found === undefined ? id : label(found.names);
  };
  const choices = listed.data.filter(({ id }) => id !== segment).map(({ id }) => ({ id, name: named(id) }));
  return (
    <>
      <SuggestMany
        label={words.segments.overlapWith}
        closed
        choices={others.length < MOST ? choices : choices.filter(({ id }) => others.includes(id))}
        values={others}
        onChange={(chosen) =>
          setSearch(
            (before) => {
              const after = new URLSearchParams(before);
              after.set("with", chosen.slice(0, MOST).join(","));
              return after;
            },
            { replace: true },
          )
        }
      />
      {others.length > 0 && !overlap.data && <Waiting />}
      {overlap.data && others.length > 0 && (
        <div className="wide">
          <Table aria-label={words.segments.tabs.overlap}>
            <TableHeader>
              <Column isRowHeader>{words.segments.exactly}</Column>
              <Column>{words.segments.columns.size}</Column>
            </TableHeader>
            <TableBody items={overlap.data.exactly.map((one) => ({ ...one, id: one.segments.join(",") }))} dependencies={[listed.data]}>
              {(one) => (
                <Row>
                  <Cell>
                    <bdi>{formats.list(one.segments.map(named))}</bdi>
                  </Cell>
                  <Cell>
                    {formats.number(one.people)}
                    <meter min={0} max={overlap.data.people} value={one.people} aria-hidden="true" />
                  </Cell>
                </Row>
              )}
            </TableBody>
          </Table>
        </div>
      )}
    </>
  );
}
