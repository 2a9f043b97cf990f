/** The segments that are kept, with how many people they have. */
import { useQuery } from "@tanstack/react-query";
import { Cell, Column, Link, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Spark } from "../segments/spark.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useLabel, useWords } from "../words/index.tsx";

export default function Segments() {
  const words = useWords();
  const formats = useFormats();
  const label = useLabel();
  const { site, user } = useMe();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get("q") ?? "";
  const archived = search.get("archived") === "true";
  const put = (name: string, value: string) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const params = { path: { site: site.slug } };
  const segments = useQuery({
    queryKey: ["segments", site.slug, archived],
    queryFn: () => answer(api.GET("/v1/sites/{site}/segments", { params: { ...params, query: { archived } } })),
    refetchInterval: 20_000,
  });
  const trends = useQuery({
    queryKey: ["trends", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/segment-trends", { params })),
    refetchInterval: 60_000,
  });
  if (segments.error) return <Failure error={segments.error} retry={() => void segments.refetch()} />;
  if (!segments.data) return <Waiting />;
  const fits = (text: string) => text.toLowerCase().includes(wanted.trim().toLowerCase());
  const shown = segments.data.filter((one) => fits(one.id) || Object.values(one.names).some(fits));
  return (
    <>
      <h1>{words.segments.title}</h1>
      <p>{words.segments.intro}</p>
      {user.role !== "viewer" && (
        <div className="bar">
          <Link className="button main" href={`/${site.slug}/segments/new`}>
            {words.segments.make}
          </Link>
          <Link className="button" href={`/${site.slug}/segments/templates`}>
            {words.segments.fromTemplate}
          </Link>
        </div>
      )}
      <div className="bar">
        <TextInput type="search" label={words.segments.search} value={wanted} onChange={(text) => put("q", text)} />
        <Choose
          label={words.segments.show}
          choices={[
            { id: "live", name: words.segments.live },
            { id: "archived", name: words.segments.archived },
          ]}
          value={archived ? "archived" : "live"}
          onChange={(which) => put("archived", which === "archived" ? "true" : "")}
        />
      </div>
      <div className="wide">
        <Table aria-label={words.segments.title}>
          <TableHeader>
            <Column isRowHeader>{words.segments.columns.name}</Column>
            <Column>{words.segments.columns.size}</Column>
            <Column>{words.segments.columns.trend}</Column>
            <Column>{words.segments.columns.changed}</Column>
          </TableHeader>
          <TableBody
            items={shown}
            dependencies={[trends.data, words]}
            renderEmptyState={() => (
              <p className="empty">{wanted === "" ? words.segments.empty : words.segments.noneFits}</p>
            )}
          >
            {(one) => (
              <Row id={one.id} textValue={label(one.names)}>
                <Cell>
                  <Link href={`/${site.slug}/segments/${one.id}`}>
                    <bdi>{label(one.names)}</bdi>
                  </Link>
                  <span className="help">
                    <bdi>{label(one.descriptions)}</bdi>
                  </span>
                </Cell>
                <Cell>{one.size == null ? words.segments.sizeUnknown : formats.number(one.size)}</Cell>
                <Cell>
                  <Spark days={trends.data?.segments[one.id] ?? []} />
                </Cell>
                <Cell>
                  {formats.moment(one.changed_at)}
                  <span className="help">
                    <bdi>{one.changed_by}</bdi>
                  </span>
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}
