/** Who may sign in, and as what. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  Cell,
  Column,
  Dialog,
  DialogTrigger,
  Form,
  Heading,
  Modal,
  Row,
  Table,
  TableBody,
  TableHeader,
} from "react-aria-components";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Ask } from "../ui/ask.tsx";
import { Copyable } from "../ui/copy.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { Button } from "../ui/button.tsx";
import { useFormats, useWords } from "../words/index.tsx";

type Role = Schemas["Role"];

const ROLES: Role[] = ["owner", "marketer", "viewer"];
const ALL = "";

export default function Users() {
  const words = useWords();
  const formats = useFormats();
  const me = useMe();
  const queries = useQueryClient();
  const users = useQuery({ queryKey: ["users"], queryFn: () => answer(api.GET("/v1/users")) });
  const [invited, setInvited] = useState<Schemas["Invited"] | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ["users"] });
  const change = useMutation({
    mutationFn: ({ user, role }: { user: string; role: Role }) =>
      answer(api.PATCH("/v1/users/{user}", { params: { path: { user } }, body: { role } })),
    onSuccess: again,
  });
  const link = useMutation({
    mutationFn: (user: string) => answer(api.POST("/v1/users/{user}/link", { params: { path: { user } } })),
    onSuccess: setInvited,
  });
  const remove = useMutation({
    mutationFn: (user: string) => api.DELETE("/v1/users/{user}", { params: { path: { user } } }),
    onSuccess: again,
  });
  if (users.error) return <Failure error={users.error} retry={() => void users.refetch()} />;
  if (!users.data) return <Waiting />;
  const roles = ROLES.map((id) => ({ id, name: words.users.roles[id], help: words.users.rolesHelp[id] }));
  const siteName = (slug: string | null | undefined) =>
    me.sites.find((site) => site.slug === slug)?.name ?? slug ?? words.users.allSites;
  const failed = change.error ?? link.error;
  return (
    <>
      <h1>{words.users.title}</h1>
      <p>{words.users.intro}</p>
      <div className="bar">
        <DialogTrigger>
          <Button kind="main">{words.users.invite}</Button>
          <Modal isDismissable>
            <Dialog>
              {({ close }) => (
                <Invite
                  done={(made) => {
                    setInvited(made);
                    void again();
                    close();
                  }}
                />
              )}
            </Dialog>
          </Modal>
        </DialogTrigger>
      </div>
      {invited && (
        <section className="card" aria-label={words.users.linkFor(invited.user.name)}>
          <h2 dir="auto">{words.users.linkFor(invited.user.name)}</h2>
          <p>{words.users.linkHelp}</p>
          <Copyable text={`${location.origin}/#${invited.link}`} label={words.users.link} />
          <Button kind="quiet" onPress={() => setInvited(null)}>
            {words.app.close}
          </Button>
        </section>
      )}
      {failed && <Failure error={failed} />}
      <div className="wide">
        <Table aria-label={words.users.title}>
          <TableHeader>
            <Column isRowHeader>{words.users.name}</Column>
            <Column>{words.users.role}</Column>
            <Column>{words.users.of}</Column>
            <Column>{words.users.lastSeen}</Column>
            <Column>
              <span className="unseen">{words.app.deeds}</span>
            </Column>
          </TableHeader>
          <TableBody items={users.data} dependencies={[words, remove.error, remove.isPending]}>
            {(user) => (
              <Row textValue={user.name}>
                <Cell>
                  <bdi>{user.name}</bdi>
                  {user.id === me.user.id && <span className="help"> ({words.users.you})</span>}
                </Cell>
                <Cell>
                  <Choose
                    label={words.users.changeRole(user.name)}
                    quiet
                    choices={roles}
                    value={user.role}
                    onChange={(role) => change.mutate({ user: user.id, role })}
                  />
                </Cell>
                <Cell>
                  <bdi>{siteName(user.site)}</bdi>
                </Cell>
                <Cell>{user.last_seen_at == null ? words.users.never : formats.moment(user.last_seen_at)}</Cell>
                <Cell>
                  <div className="bar">
                    <Button kind="quiet" onPress={() => link.mutate(user.id)}>
                      {words.users.link}
                    </Button>
                    <Ask
                      text={words.users.removeAsk(user.name)}
                      button={words.users.remove}
                      error={remove.error}
                      isPending={remove.isPending}
                      act={() => remove.mutateAsync(user.id)}
                    />
                  </div>
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}

function Invite({ done }: { done: (made: Schemas["Invited"]) => void }) {
  const words = useWords();
  const { user, site, sites } = useMe();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("marketer");
  const [of, setOf] = useState(user.site == null ? ALL : site.slug);
  const invite = useMutation({
    mutationFn: () => answer(api.POST("/v1/users", { body: { name, role, site: of === ALL ? null : of } })),
    onSuccess: done,
  });
  const all = user.site == null ? [{ id: ALL, name: words.users.allSites }] : [];
  const choices = [...all, ...sites.map(({ slug, name }) => ({ id: slug, name }))];
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate();
      }}
    >
      <Heading slot="title">{words.users.invite}</Heading>
      <TextInput label={words.users.name} value={name} onChange={setName} required autoFocus />
      <Choose
        label={words.users.role}
        choices={ROLES.map((id) => ({ id, name: words.users.roles[id], help: words.users.rolesHelp[id] }))}
        value={role}
        onChange={setRole}
      />
      <Choose label={words.users.of} choices={choices} value={of} onChange={setOf} />
      {invite.error && <Failure error={invite.error} />}
      <div className="bar">
        <Button slot="close">{words.app.cancel}</Button>
        <Button type="submit" kind="main" isPending={invite.isPending}>
          {words.users.invite}
        </Button>
      </div>
    </Form>
  );
}
