/** People, found by what they are called. */
import { useQuery } from "@tanstack/react-query";
import { Cell, Column, Link, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { nameOf } from "../people/name.ts";
import { TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

export default function People() {
  const words = useWords();
  const formats = useFormats();
  const { site, user } = useMe();
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const found = useQuery({
    queryKey: ["people", site.slug, search],
    queryFn: ({ signal }) =>
      answer(api.GET("/v1/sites/{site}/people", { params: { path: { site: site.slug }, query: { search } }, signal })),
    placeholderData: (before) => before,
  });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const seesAddresses = user.role !== "viewer";
  return (
    <>
      <h1>{words.people.title}</h1>
      <p>{words.people.intro}</p>
      <div className="bar">
        <TextInput
          type="search"
          label={words.people.search}
          value={search}
          onChange={(text) => setParams(text === "" ? {} : { q: text }, { replace: true })}
        />
      </div>
      {!found.data ? (
        <Waiting />
      ) : (
        <div className="wide">
          <Table aria-label={search === "" ? words.people.latest : words.people.title}>
            <TableHeader>
              <Column isRowHeader>{words.people.columns.name}</Column>
              {seesAddresses && <Column>{words.people.columns.mail}</Column>}
              {seesAddresses && <Column>{words.people.columns.phone}</Column>}
              <Column>{words.people.columns.city}</Column>
              <Column>{words.people.columns.since}</Column>
            </TableHeader>
            <TableBody
              items={found.data}
              dependencies={[words, seesAddresses]}
              renderEmptyState={() => (
                <p className="empty">{search === "" ? words.people.none : words.people.nobody}</p>
              )}
            >
              {(person) => (
                <Row textValue={nameOf(person.first_name, person.last_name) ?? person.id}>
                  <Cell>
                    <Link href={`/${site.slug}/people/${person.id}`}>
                      <bdi>
                        {nameOf(person.first_name, person.last_name) ??
                          (person.contact ? person.mail || person.id : `${words.people.visitor} ${person.id}`)}
                      </bdi>
                    </Link>
                  </Cell>
                  {seesAddresses && (
                    <Cell>
                      <bdi dir="ltr">{person.mail}</bdi>
                    </Cell>
                  )}
                  {seesAddresses && (
                    <Cell>
                      <bdi dir="ltr">{person.phone}</bdi>
                    </Cell>
                  )}
                  <Cell>
                    <bdi>{person.city}</bdi>
                  </Cell>
                  <Cell>{person.created_at == null ? "" : formats.moment(person.created_at)}</Cell>
                </Row>
              )}
            </TableBody>
          </Table>
        </div>
      )}
    </>
  );
}
