/** Who is in a segment, and all of them as a file. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Cell, Column, Link, Menu, MenuItem, MenuTrigger, Popover, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { ChooseMany } from "../ui/suggest.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useSpeech } from "../words/index.tsx";
import { useNaming, useVocabulary } from "./naming.tsx";

const PAGE = 50;
const USUAL = "first_name,last_name,city";
const HIDDEN = ["mail", "phone"];

export default function Members({ segment }: { segment: string }) {
  const { words, language } = useSpeech();
  const naming = useNaming();
  const { contact } = useVocabulary();
  const { site, user } = useMe();
  const [search, setSearch] = useSearchParams();
  const columns = search.get("columns") ?? USUAL;
  const chosen = columns.split(",").filter((name) => name !== "");
  const fields = contact.filter(({ name }) => user.role !== "viewer" || !HIDDEN.includes(name));
  const path = { site: site.slug, segment };
  const pages = useInfiniteQuery({
    queryKey: ["members", site.slug, segment, columns],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/sites/{site}/segments/{segment}/members", {
          params: { path, query: { limit: PAGE, ...(columns === "" ? {} : { columns }), ...pageParam } },
        }),
      ),
    initialPageParam: {} as { after?: string; as_of?: number },
    getNextPageParam: ({ next, as_of }) => (next == null ? undefined : { after: next, as_of }),
  });
  const exported = (format: string) => {
    const query = new URLSearchParams({ format, language, ...(columns === "" ? {} : { columns }) });
    location.assign(`/v1/sites/${site.slug}/segments/${segment}/export?${query}`);
  };
  if (pages.error) return <Failure error={pages.error} retry={() => void pages.refetch()} />;
  const people = pages.data?.pages.flatMap((page) => page.people as { [field: string]: unknown }[]);
  const shown = chosen.flatMap((name) => fields.find((field) => field.name === name) ?? []);
  return (
    <>
      <div className="bar">
        <ChooseMany
          label={words.segments.addColumn}
          choices={fields.map((field) => ({ id: field.name, name: naming.field(field) }))}
          values={chosen}
          onChange={(names) =>
            setSearch(
              (before) => {
                const after = new URLSearchParams(before);
                after.set("columns", names.join(","));
                return after;
              },
              { replace: true },
            )
          }
        />
        {user.role !== "viewer" && (
          <MenuTrigger>
            <Button>{words.segments.export}</Button>
            <Popover>
              <Menu onAction={(format) => exported(String(format))}>
                <MenuItem id="csv">{words.segments.exportCsv}</MenuItem>
                <MenuItem id="parquet">{words.segments.exportParquet}</MenuItem>
              </Menu>
            </Popover>
          </MenuTrigger>
        )}
      </div>
      {people === undefined ? (
        <Waiting />
      ) : (
        <div className="wide">
          <Table aria-label={words.segments.tabs.people}>
            <TableHeader>
              <Column isRowHeader>{words.segments.person}</Column>
              {shown.map((field) => (
                <Column key={field.name}>{naming.field(field)}</Column>
              ))}
            </TableHeader>
            <TableBody renderEmptyState={() => <p className="empty">{words.segments.nobody}</p>}>
              {people.map((person) => (
                <Row key={String(person["id"])} id={String(person["id"])}>
                  <Cell>
                    <Link href={`/${site.slug}/people/${String(person["id"])}?segment=${segment}`}>
                      <bdi dir="ltr">{String(person["id"])}</bdi>
                    </Link>
                  </Cell>
                  {shown.map((field) => (
                    <Cell key={field.name}>
                      <bdi>{person[field.name] == null ? "" : String(person[field.name])}</bdi>
                    </Cell>
                  ))}
                </Row>
              ))}
            </TableBody>
          </Table>
        </div>
      )}
      {pages.hasNextPage && (
        <div className="bar">
          <Button onPress={() => void pages.fetchNextPage()} isPending={pages.isFetchingNextPage}>
            {words.segments.more}
          </Button>
        </div>
      )}
    </>
  );
}
