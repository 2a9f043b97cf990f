/** One person: who they are, what they did, and what may be done. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Form, Link } from "react-aria-components";
import { useParams, useSearchParams } from "wouter";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Entries } from "../people/entries.tsx";
import { useFieldNames } from "../people/fields.ts";
import { nameOf } from "../people/name.ts";
import { Why } from "../people/why.tsx";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { ChooseMany } from "../ui/suggest.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { read, useFormats, useLabel, useWords } from "../words/index.tsx";

type Person = Schemas["Person"];

export default function PersonPage() {
  const { person: id } = useParams<{ person: string }>();
  const words = useWords();
  const formats = useFormats();
  const { site, user } = useMe();
  const person = useQuery({
    queryKey: ["person", site.slug, id],
    queryFn: () => answer(api.GET("/v1/sites/{site}/people/{id}", { params: { path: { site: site.slug, id } } })),
  });
  if (person.error) return <Failure error={person.error} retry={() => void person.refetch()} />;
  if (!person.data) return <Waiting />;
  const { fields, browsing, buying, truncated } = person.data;
  const name = nameOf(fields["first_name"]?.value, fields["last_name"]?.value);
  const { visits, page_views: views } = browsing;
  return (
    <>
      <h1>
        <bdi>{name ?? (person.data.contact ? words.people.contact : words.people.visitor)}</bdi>
      </h1>
      <p className="help">
        {words.people.copyId} <bdi dir="ltr">{person.data.person_id}</bdi>
      </p>
      {truncated && <p role="status">{words.people.truncated}</p>}
      <ul className="figures">
        <Figure value={words.people.visits(formats.number(visits), formats.plural(visits))} />
        <Figure value={words.people.views(formats.number(views), formats.plural(views))} />
        <Figure value={formats.span(browsing.dwell_ms)} help={words.people.dwell} />
        <Figure
          value={formats.money(buying.value_cents, site.currency)}
          help={words.people.ordersOf(formats.number(buying.online), formats.number(buying.in_store))}
        />
      </ul>
      <div className="columns">
        <div>
          <Interests person={person.data} />
          <Timeline id={person.data.person_id} />
        </div>
        <div>
          <Who person={person.data} />
          <Origins browsing={browsing} />
          <Devices browsing={browsing} />
          <Segments person={person.data} />
          <CartNow cart={person.data.cart} />
          <Orders orders={person.data.orders} />
          <Messages channels={person.data.messages} />
          <Part title={words.people.sections.groups} empty={words.people.noGroups}>
            {person.data.groups.map(({ group, since }) => (
              <li key={group}>
                <bdi>{group}</bdi> <span className="help">{words.people.since(formats.moment(since))}</span>
              </li>
            ))}
          </Part>
          <Identities person={person.data} />
          {user.role !== "viewer" && <Deeds person={person.data} />}
        </div>
      </div>
    </>
  );
}

function Figure({ value, help }: { value: string; help?: string }) {
  return (
    <li>
      <strong>{value}</strong>
      {help !== undefined && <span className="help">{help}</span>}
    </li>
  );
}

/** A part of the page: a list, or what is said where it is empty. */
function Part({ title, empty, children }: { title: string; empty: string; children: ReactNode[] }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      {children.length === 0 ? <p className="help">{empty}</p> : <ul className="plain">{children}</ul>}
    </section>
  );
}

function Who({ person }: { person: Person }) {
  const words = useWords();
  const formats = useFormats();
  const fields = Object.entries(person.fields);
  const names = useFieldNames();
  return (
    <Part title={words.people.sections.who} empty={words.people.nothing}>
      {fields.map(([field, held]) => (
        <li key={field}>
          <span className="help">{names.field(field)}</span> <bdi>{names.value(field, held.value)}</bdi>{" "}
          <span className="help" title={words.people.by(held.by)}>
            {words.people.since(formats.moment(held.since))}
          </span>
        </li>
      ))}
    </Part>
  );
}

function Origins({ browsing }: { browsing: Schemas["Browsing"] }) {
  const words = useWords();
  const formats = useFormats();
  const origin = (title: string, of: Schemas["Origin"] | null | undefined) =>
    of == null
      ? []
      : [
          <li key={title}>
            {title} <strong>{words.overview.words[of.channel] ?? of.channel}</strong>{" "}
            <bdi>{[of.referrer_host, of.utm_source, of.utm_campaign].filter((text) => text !== "").join(" / ")}</bdi>{" "}
            {of.landing_path !== "" && (
              <>
                {words.people.landing} <bdi dir="ltr">{of.landing_path}</bdi>{" "}
              </>
            )}
            <span className="help">{formats.moment(of.at)}</span>
          </li>,
        ];
  return (
    <Part title={words.people.sections.origin} empty={words.people.nothing}>
      {[...origin(words.people.firstOrigin, browsing.first_origin), ...origin(words.people.lastOrigin, browsing.last_origin)]}
    </Part>
  );
}

function Devices({ browsing }: { browsing: Schemas["Browsing"] }) {
  const words = useWords();
  const formats = useFormats();
  return (
    <Part title={words.people.sections.devices} empty={words.people.nothing}>
      {browsing.devices.map((seen) => {
        const { browser, os, city, country } = seen;
        const device = words.overview.words[seen.device] ?? seen.device;
        const told = [device, browser, os, city, country].filter((text) => text !== "").join(" · ");
        return (
          <li key={seen.visitor_id}>
            <bdi>{told === "" ? words.people.unknownDevice : told}</bdi>{" "}
            <span className="help">
              {words.people.lastSeen} {formats.moment(seen.last_seen_at)}
            </span>
          </li>
        );
      })}
    </Part>
  );
}

function Interests({ person: { browsing } }: { person: Person }) {
  const words = useWords();
  const formats = useFormats();
  const most = Math.max(...browsing.categories.map(({ dwell_ms }) => dwell_ms), 1);
  return (
    <section className="card">
      <h2>{words.people.sections.interests}</h2>
      {browsing.categories.length + browsing.products.length === 0 && <p className="help">{words.people.nothing}</p>}
      <ul className="plain bars">
        {browsing.categories.map(({ id, name, dwell_ms, views }) => (
          <li key={id}>
            <bdi>{name || id}</bdi>
            <meter min={0} max={most} value={dwell_ms} aria-hidden="true" />
            <span className="help">
              {formats.span(dwell_ms)} · {words.people.views(formats.number(views), formats.plural(views))}
            </span>
          </li>
        ))}
      </ul>
      {browsing.products.length > 0 && (
        <p>
          <bdi>{formats.list(browsing.products.slice(0, 5).map(({ id, name }) => name || id))}</bdi>
        </p>
      )}
      {browsing.searches.length > 0 && (
        <p>
          {words.people.sections.searches}: <bdi>{formats.list(browsing.searches.slice(0, 8).map(({ term }) => term))}</bdi>
        </p>
      )}
    </section>
  );
}

const KINDS = ["event", "order", "return", "message", "group", "field", "identity"] as const;

function Timeline({ id }: { id: string }) {
  const words = useWords();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const kinds = search.get("kinds") ?? "";
  const pages = useInfiniteQuery({
    queryKey: ["timeline", site.slug, id, kinds],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/sites/{site}/people/{id}/timeline", {
          params: {
            path: { site: site.slug, id },
            query: { limit: 50, ...(kinds === "" ? {} : { kinds }), ...(pageParam === "" ? {} : { after: pageParam }) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const entries = pages.data?.pages.flatMap((page) => page.entries);
  return (
    <section className="card">
      <h2>{words.people.sections.timeline}</h2>
      <ChooseMany
        label={words.people.show}
        whole={words.people.everything}
        choices={KINDS.map((kind) => ({ id: kind, name: words.people.kinds[kind] }))}
        values={kinds === "" ? [...KINDS] : kinds.split(",")}
        onChange={(chosen) =>
          setSearch(
            (before) => {
              const after = new URLSearchParams(before);
              if (chosen.length === 0 || chosen.length === KINDS.length) after.delete("kinds");
              else after.set("kinds", chosen.join(","));
              return after;
            },
            { replace: true },
          )
        }
      />
      {pages.error && <Failure error={pages.error} retry={() => void pages.refetch()} />}
      {entries === undefined ? !pages.error && <Waiting /> : <Entries entries={entries} />}
      {entries?.length === 0 && <p className="empty">{words.people.noEntries}</p>}
      {pages.hasNextPage && (
        <Button onPress={() => void pages.fetchNextPage()} isPending={pages.isFetchingNextPage}>
          {words.people.older}
        </Button>
      )}
    </section>
  );
}

function Segments({ person }: { person: Person }) {
  const words = useWords();
  const formats = useFormats();
  const label = useLabel();
  const { site } = useMe();
  const [search, setSearch] = useSearchParams();
  const asked = search.get("segment");
  const listed = useQuery({
    queryKey: ["segments", site.slug, false],
    queryFn: () => answer(api.GET("/v1/sites/{site}/segments", { params: { path: { site: site.slug } } })),
  });
  const ask = (segment: string | null) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (segment === null) after.delete("segment");
        else after.set("segment", segment);
        return after;
      },
      { replace: true },
    );
  const isIn = person.segments.some(({ id }) => id === asked);
  const named = (id: string) => {
    const names = listed.data?.find((one) => one.id === id)?.names;
    return names === undefined ? id : label(names);
  };
  return (
    <>
      <Part title={words.people.sections.segments} empty={words.people.noSegments}>
        {person.segments.map(({ id, names, since }) => (
          <li key={id}>
            <Link href={`/${site.slug}/segments/${id}`}>
              <bdi>{label(names)}</bdi>
            </Link>{" "}
            <span className="help">{words.people.since(formats.moment(since))}</span>{" "}
            <Button kind="quiet" aria-label={`${words.people.why} ${label(names)}`} onPress={() => ask(id)}>
              {words.people.why}
            </Button>
          </li>
        ))}
      </Part>
      {listed.data && listed.data.length > 0 && (
        <Choose
          label={words.people.otherSegment}
          choices={[{ id: "", name: "–" }, ...listed.data.map(({ id, names }) => ({ id, name: label(names) }))]}
          value={asked ?? ""}
          onChange={(id) => ask(id === "" ? null : id)}
        />
      )}
      {asked !== null && (
        <section className="card" aria-label={words.people.why}>
          <h2 dir="auto">{isIn ? words.people.whyIn(named(asked)) : words.people.whyOut(named(asked))}</h2>
          <Why segment={asked} person={person.person_id} />
        </section>
      )}
    </>
  );
}

function CartNow({ cart }: { cart: Person["cart"] }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  return (
    <Part title={words.people.sections.cart} empty={words.people.emptyCart}>
      {cart.items.map((item) => (
        <li key={item.id}>
          {formats.number(item.quantity)} × <bdi>{item.name || item.id}</bdi>{" "}
          {item.price_cents != null && formats.money(item.price_cents, site.currency)}
        </li>
      ))}
    </Part>
  );
}

function Orders({ orders }: { orders: Person["orders"] }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  return (
    <Part title={words.people.sections.orders} empty={words.people.noOrders}>
      {orders.map((order) => (
        <li key={order.order_id}>
          <bdi>{order.order_id}</bdi>{" "}
          {order.value_cents != null && <strong>{formats.money(order.value_cents, order.currency || site.currency)}</strong>}{" "}
          <span className="help">
            {formats.moment(order.placed_at)} · <bdi>{order.store || order.channel}</bdi>
            {order.cancelled && ` · ${words.people.cancelled}`}
            {order.returns.length > 0 && ` · ${words.people.returned}`}
          </span>
        </li>
      ))}
    </Part>
  );
}

function Messages({ channels }: { channels: Person["messages"] }) {
  const words = useWords();
  const formats = useFormats();
  return (
    <Part title={words.people.sections.messages} empty={words.people.noMessages}>
      {channels.map(({ channel, messages }) => (
        <li key={channel}>
          <strong>{read(words.segments.channels, channel)}</strong>{" "}
          {formats.list(
            Object.entries(messages).map(([what, count]) => `${read(words.segments.messages, what)} ${formats.number(count)}`),
          )}
        </li>
      ))}
    </Part>
  );
}

function Identities({ person }: { person: Person }) {
  const words = useWords();
  const { user } = useMe();
  const kinds: { [kind: string]: string } = words.people.identityKinds;
  return (
    <Part title={words.people.sections.identities} empty={words.people.nothing}>
      {person.identities.map((known) => (
        <li key={known.id}>
          <span className="help">{kinds[known.kind] ?? known.kind}</span> <bdi dir="ltr">{known.value || known.id}</bdi>{" "}
          {known.decided && <span className="help">{words.people.decided}</span>}{" "}
          {user.role !== "viewer" && known.part_of != null && <Unlink known={known} />}
        </li>
      ))}
    </Part>
  );
}

function useDecision() {
  const { site } = useMe();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ identity, part_of }: { identity: string; part_of: string | null }) =>
      answer(
        api.PUT("/v1/sites/{site}/identities/{identity}", {
          params: { path: { site: site.slug, identity } },
          body: { part_of },
        }),
      ),
    onSuccess: async () => {
      // Whoever else was part of it changed too, by whichever name they are looked at.
      await queries.invalidateQueries({ queryKey: ["person", site.slug] });
      await queries.invalidateQueries({ queryKey: ["timeline", site.slug] });
    },
  });
}

function Unlink({ known }: { known: Schemas["KnownBy"] }) {
  const words = useWords();
  const decide = useDecision();
  return (
    <Ask
      text={words.people.unlinkAsk(known.value || known.id)}
      button={words.people.unlink}
      error={decide.error}
      isPending={decide.isPending}
      act={() => decide.mutateAsync({ identity: known.kind === "visitor" ? `visitor:${known.id}` : `person:${known.id}`, part_of: null })}
    />
  );
}

function Deeds({ person }: { person: Person }) {
  const words = useWords();
  const { site } = useMe();
  const [other, setOther] = useState("");
  const decide = useDecision();
  const erase = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/v1/sites/{site}/people/{id}", { params: { path: { site: site.slug, id: person.person_id } } }),
      ),
  });
  if (erase.data) return <p role="status">{words.people.erasing}</p>;
  return (
    <section className="card">
      <h2>{words.people.linkTitle}</h2>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          decide.mutate({ identity: other, part_of: person.person_id }, { onSuccess: () => setOther("") });
        }}
      >
        <TextInput label={words.people.link} help={words.people.linkHelp} value={other} onChange={setOther} required />
        {decide.error && <Failure error={decide.error} />}
        <Button type="submit" isPending={decide.isPending}>
          {words.people.linkDo}
        </Button>
      </Form>
      <div className="bar">
        <a className="button" href={`/v1/sites/${site.slug}/people/${person.person_id}/export`} download>
          {words.people.export}
        </a>
        <Ask
          text={words.people.eraseAsk}
          button={words.people.eraseConfirm}
          error={erase.error}
          isPending={erase.isPending}
          act={() => erase.mutateAsync()}
        />
      </div>
    </section>
  );
}
