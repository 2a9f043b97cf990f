/** Groups that the shop's systems put people in. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Cell, Column, Form, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";

export default function Groups() {
  const words = useWords();
  const { site, user } = useMe();
  const queries = useQueryClient();
  const path = { site: site.slug };
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const groups = useQuery({
    queryKey: ["groups", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/groups", { params: { path } })),
  });
  const add = useMutation({
    mutationFn: () =>
      answer(api.PUT("/v1/sites/{site}/groups/{group}", { params: { path: { ...path, group: id } }, body: { name } })),
    onSuccess: () => {
      setId("");
      setName("");
      return queries.invalidateQueries({ queryKey: ["groups", site.slug] });
    },
  });
  if (groups.error) return <Failure error={groups.error} retry={() => void groups.refetch()} />;
  if (!groups.data) return <Waiting />;
  return (
    <>
      <p>{words.data.groups.intro}</p>
      {user.role === "owner" && (
        <Form
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <div className="bar">
            <TextInput label={words.data.groups.name} value={name} onChange={setName} required />
            <TextInput label={words.data.groups.id} value={id} onChange={setId} required ltr />
            <Button type="submit" kind="main" isPending={add.isPending}>
              {words.data.groups.add}
            </Button>
          </div>
          <p className="help">{words.data.groups.idHelp}</p>
        </Form>
      )}
      {add.error && <Failure error={add.error} />}
      <div className="wide">
        <Table aria-label={words.data.tabs.groups}>
          <TableHeader>
            <Column isRowHeader>{words.data.groups.name}</Column>
            <Column>{words.data.groups.id}</Column>
          </TableHeader>
          <TableBody
            items={groups.data}
            renderEmptyState={() => <p className="empty">{words.data.groups.none}</p>}
          >
            {(group) => (
              <Row>
                <Cell>
                  <bdi>{group.name || group.id}</bdi>
                </Cell>
                <Cell>
                  <bdi dir="ltr">{group.id}</bdi>
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}
