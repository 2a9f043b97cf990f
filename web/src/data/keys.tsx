/** Keys of programs. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Cell, Column, Form, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import { Copyable } from "../ui/copy.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

const SCOPES: Schemas["Scope"][] = ["ingest", "view", "read", "write", "admin"];

export default function Keys() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const queries = useQueryClient();
  const path = { site: site.slug };
  const [label, setLabel] = useState("");
  const [scope, setScope] = useState<Schemas["Scope"]>("read");
  const keys = useQuery({
    queryKey: ["keys", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/keys", { params: { path } })),
  });
  const again = () => queries.invalidateQueries({ queryKey: ["keys", site.slug] });
  const make = useMutation({
    mutationFn: () => answer(api.POST("/v1/sites/{site}/keys", { params: { path }, body: { label, scope } })),
    onSuccess: () => {
      setLabel("");
      return again();
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE("/v1/sites/{site}/keys/{id}", { params: { path: { ...path, id } } }),
    onSuccess: again,
  });
  if (keys.error) return <Failure error={keys.error} retry={() => void keys.refetch()} />;
  if (!keys.data) return <Waiting />;
  const scopes: { [scope: string]: string } = words.data.keys.scopes;
  return (
    <>
      <p>{words.data.keys.intro}</p>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <div className="bar">
          <TextInput label={words.data.keys.label} value={label} onChange={setLabel} required />
          <Choose
            label={words.data.keys.scope}
            choices={SCOPES.map((id) => ({ id, name: words.data.keys.scopes[id] }))}
            value={scope}
            onChange={setScope}
          />
          <Button type="submit" kind="main" isPending={make.isPending}>
            {words.data.keys.make}
          </Button>
        </div>
      </Form>
      {make.error && <Failure error={make.error} />}
      {make.data && (
        <section className="card" aria-label={words.data.keys.once}>
          <p>{words.data.keys.once}</p>
          <Copyable text={make.data.key} label={words.data.keys.make} />
        </section>
      )}
      <div className="wide">
        <Table aria-label={words.data.tabs.keys}>
          <TableHeader>
            <Column isRowHeader>{words.data.keys.label}</Column>
            <Column>{words.data.keys.scope}</Column>
            <Column>{words.data.keys.created}</Column>
            <Column>{words.data.keys.used}</Column>
            <Column>
              <span className="unseen">{words.app.deeds}</span>
            </Column>
          </TableHeader>
          <TableBody
            items={keys.data}
            dependencies={[words, revoke.error, revoke.isPending]}
            renderEmptyState={() => <p className="empty">{words.data.keys.none}</p>}
          >
            {(key) => (
              <Row>
                <Cell>
                  <bdi>{key.label || key.id}</bdi>
                </Cell>
                <Cell>{scopes[key.scope] ?? key.scope}</Cell>
                <Cell>{formats.moment(key.created_at)}</Cell>
                <Cell>{key.last_used_at == null ? words.data.keys.never : formats.moment(key.last_used_at)}</Cell>
                <Cell>
                  {key.revoked_at != null || (key.expires_at != null && key.expires_at < Date.now()) ? (
                    words.data.keys.ended
                  ) : (
                    <Ask
                      text={words.data.keys.revokeAsk(key.label || key.id)}
                      button={words.data.keys.revoke}
                      error={revoke.error}
                      isPending={revoke.isPending}
                      act={() => revoke.mutateAsync(key.id)}
                    />
                  )}
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}
