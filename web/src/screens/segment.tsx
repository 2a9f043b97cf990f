/** A segment: its definition as it is put together, and what came of it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Form, Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useLocation, useParams, useSearchParams } from "wouter";
import { answer, api, Problem, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { addressOf, writtenIn } from "../segments/address.ts";
import { useLanguage, usePreview, useSentence } from "../segments/asking.ts";
import { Builder, type Verdict } from "../segments/builder.tsx";
import { Count } from "../segments/count.tsx";
import { received, sent, vocabulary, type LanguageSchema, type Node } from "../segments/language.ts";
import { Knowing } from "../segments/naming.tsx";
import { definitionOf, EMPTY, treeOf, type Group } from "../segments/tree.ts";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure, Waiting, useReason } from "../ui/states.tsx";
import { useLabel, useSpeech } from "../words/index.tsx";

const Members = lazy(() => import("../segments/members.tsx"));
const Changes = lazy(() => import("../segments/changes.tsx"));
const Overlap = lazy(() => import("../segments/overlap.tsx"));
const History = lazy(() => import("../segments/history.tsx"));
const Json = lazy(() => import("../segments/json.tsx"));

type Kept = Schemas["Segment"];

export default function Segment() {
  const { segment: id } = useParams<{ segment: string }>();
  const { site } = useMe();
  const isNew = id === "new";
  const kept = useQuery({
    queryKey: ["segment", site.slug, id],
    queryFn: () =>
      answer(api.GET("/v1/sites/{site}/segments/{segment}", { params: { path: { site: site.slug, segment: id } } })),
    enabled: !isNew,
  });
  const language = useLanguage(site.slug, isNew ? undefined : id);
  const known = useMemo(
    () => language.data && vocabulary(language.data as unknown as LanguageSchema),
    [language.data],
  );
  const error = kept.error ?? language.error;
  if (error) return <Failure error={error} retry={() => void (kept.error ? kept : language).refetch()} />;
  if (known === undefined || (!isNew && !kept.data)) return <Waiting />;
  return (
    <Knowing value={known}>
      <Editor key={`${id} ${kept.data?.version}`} kept={kept.data} />
    </Knowing>
  );
}

function Editor({ kept }: { kept: Kept | undefined }) {
  const { words, language } = useSpeech();
  const label = useLabel();
  const { site, user } = useMe();
  const [search, setSearch] = useSearchParams();
  const [begun] = useState(() => writtenIn(search));
  const [tree, setTree] = useState<Group>(() => {
    const definition = (begun.definition ?? kept?.definition) as Node | undefined;
    return definition === undefined ? EMPTY : treeOf(definition);
  });
  const [names, setNames] = useState(begun.names ?? kept?.names ?? {});
  const [descriptions, setDescriptions] = useState(kept?.descriptions ?? {});
  const { node, pointers } = useMemo(() => definitionOf(tree), [tree]);
  const preview = usePreview(site.slug, node);
  const sentence = useSentence(site.slug, node);
  const text = JSON.stringify(node);
  const isChanged =
    kept === undefined ||
    text !== JSON.stringify(definitionOf(treeOf(received(kept.definition))).node) ||
    JSON.stringify([names, descriptions]) !== JSON.stringify([kept.names, kept.descriptions]);

  useEffect(() => {
    if (!isChanged || node === undefined) return;
    setSearch(
      (before) => {
        const after = new URL(addressOf("/", node, names), location.origin).searchParams;
        const tab = before.get("tab");
        if (tab !== null) after.set("tab", tab);
        return after;
      },
      { replace: true },
    );
    // The address follows what is written, and nothing else.
  }, [text, names, isChanged]);

  const verdictAt = (key: string): Verdict | undefined => {
    const pointer = pointers.get(key);
    if (pointer === undefined) return undefined;
    if (preview.error instanceof Problem && preview.error.pointer !== undefined) {
      const wrong = preview.error.pointer.replace(/^\/definition/, "");
      const within = wrong === pointer || wrong.startsWith(`${pointer}/`);
      // The deepest one that holds the place says it.
      const isDeepest = ![...pointers.values()].some(
        (other) => other.length > pointer.length && (wrong === other || wrong.startsWith(`${other}/`)),
      );
      if (within && isDeepest) return { wrong: preview.error.detail };
    }
    const counted = preview.isOld ? undefined : preview.answer?.nodes.find((one) => one.pointer === pointer);
    if (counted === undefined) return undefined;
    return {
      alone: counted.alone,
      without: counted.without ?? undefined,
      isEstimate: preview.answer?.estimate != null,
    };
  };

  const title = label(names) || (kept === undefined ? words.segments.untitled : kept.id);
  const tab = search.get("tab") ?? "build";
  return (
    <>
      <h1>
        <bdi>{title}</bdi>
      </h1>
      <Tabs
        selectedKey={tab}
        onSelectionChange={(chosen) =>
          setSearch((before) => {
            const after = new URLSearchParams(before);
            after.set("tab", String(chosen));
            return after;
          })
        }
      >
        <TabList aria-label={title}>
          <Tab id="build">{words.segments.tabs.build}</Tab>
          {kept !== undefined && (
            <>
              <Tab id="people">{words.segments.tabs.people}</Tab>
              <Tab id="changes">{words.segments.tabs.changes}</Tab>
              <Tab id="overlap">{words.segments.tabs.overlap}</Tab>
              <Tab id="history">{words.segments.tabs.history}</Tab>
            </>
          )}
          <Tab id="json">{words.segments.tabs.json}</Tab>
        </TabList>
        <TabPanel id="build">
          <div className="workbench">
            <div>
              <Builder tree={tree} onChange={setTree} verdictAt={verdictAt} />
            </div>
            <aside>
              {node === undefined ? (
                <p className="empty">{words.segments.nobodyYet}</p>
              ) : (
                <>
                  <Count preview={preview} isPlaced={pointerIsPlaced(preview.error, pointers)} />
                  {sentence.data && (
                    <section className="card">
                      <h2>{words.segments.inWords}</h2>
                      <p>{sentence.data[language]}</p>
                    </section>
                  )}
                </>
              )}
              {user.role !== "viewer" && (
                <Save
                  kept={kept}
                  names={names}
                  setNames={setNames}
                  descriptions={descriptions}
                  setDescriptions={setDescriptions}
                  node={node}
                  isChanged={isChanged}
                />
              )}
            </aside>
          </div>
        </TabPanel>
        <Suspense fallback={<Waiting />}>
          {kept !== undefined && (
            <>
              <TabPanel id="people">
                <Members segment={kept.id} />
              </TabPanel>
              <TabPanel id="changes">
                <Changes segment={kept.id} />
              </TabPanel>
              <TabPanel id="overlap">
                <Overlap segment={kept.id} />
              </TabPanel>
              <TabPanel id="history">
                <History segment={kept.id} take={(version) => setTree(treeOf(version))} />
              </TabPanel>
            </>
          )}
          <TabPanel id="json">
            <Json node={node} onChange={(changed) => setTree(treeOf(changed))} error={preview.error} />
          </TabPanel>
        </Suspense>
      </Tabs>
    </>
  );
}

/** Whether what is wrong is said at a condition. */
function pointerIsPlaced(error: unknown, pointers: Map<string, string>): boolean {
  if (!(error instanceof Problem) || error.pointer === undefined) return false;
  const wrong = error.pointer.replace(/^\/definition/, "");
  return [...pointers].some(([key, pointer]) => key !== "" && (wrong === pointer || wrong.startsWith(`${pointer}/`)));
}

interface SaveProps {
  kept: Kept | undefined;
  names: Schemas["BTreeMap"];
  setNames: (names: Schemas["BTreeMap"]) => void;
  descriptions: Schemas["BTreeMap"];
  setDescriptions: (descriptions: Schemas["BTreeMap"]) => void;
  node: Node | undefined;
  isChanged: boolean;
}

/** An id out of a name, where its letters are those of ids. */
function idOf(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, 60) || `segment-${Date.now().toString(36)}`;
}

function Save({ kept, names, setNames, descriptions, setDescriptions, node, isChanged }: SaveProps) {
  const { words, language } = useSpeech();
  const reason = useReason();
  const { site } = useMe();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [id, setId] = useState<string | null>(null);
  const proposed = id ?? idOf(names["en"] ?? "");
  const save = useMutation({
    mutationFn: (isForced: boolean) =>
      answer(
        api.PUT("/v1/sites/{site}/segments/{segment}", {
          params: { path: { site: site.slug, segment: kept?.id ?? proposed } },
          body: {
            names,
            descriptions,
            definition: sent(node),
            ...(isForced ? {} : { version: kept?.version ?? 0 }),
          },
        }),
      ),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["segments", site.slug] });
      queries.setQueryData(["segment", site.slug, saved.id], saved);
      navigate(`/${site.slug}/segments/${saved.id}`, { replace: kept !== undefined });
    },
  });
  const isOutdated = save.error instanceof Problem && save.error.code === "changed_meanwhile";
  return (
    <section className="card">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(false);
        }}
      >
        <TextInput
          label={words.segments.name}
          value={names[language] ?? ""}
          onChange={(name) => setNames(withText(names, language, name))}
          required={Object.values(names).every((name) => name === "")}
        />
        <TextInput
          label={words.segments.description}
          value={descriptions[language] ?? ""}
          onChange={(text) => setDescriptions(withText(descriptions, language, text))}
        />
        {kept === undefined && (
          <TextInput label={words.segments.id} help={words.segments.idHelp} value={proposed} onChange={setId} ltr />
        )}
        {save.error && (
          <div role="alert" className="failure">
            <p dir="auto">{isOutdated ? words.segments.saveAgain : reason(save.error)}</p>
            {isOutdated && <Button onPress={() => save.mutate(true)}>{words.segments.save}</Button>}
          </div>
        )}
        <div className="bar">
          <Button
            type="submit"
            kind="main"
            isDisabled={node === undefined || !isChanged}
            isPending={save.isPending}
          >
            {words.segments.save}
          </Button>
          {kept !== undefined && <Archive kept={kept} />}
        </div>
        <p role="status" className="help">
          {isChanged ? words.segments.unsaved : words.segments.saved}
        </p>
      </Form>
    </section>
  );
}

/** Of texts by language; an empty one is none. */
function withText(texts: Schemas["BTreeMap"], language: string, text: string): Schemas["BTreeMap"] {
  const { [language]: _, ...others } = texts;
  return text === "" ? others : { ...others, [language]: text };
}

function Archive({ kept }: { kept: Kept }) {
  const { words } = useSpeech();
  const label = useLabel();
  const { site } = useMe();
  const queries = useQueryClient();
  const params = { path: { site: site.slug, segment: kept.id } };
  const move = useMutation({
    mutationFn: async () => {
      if (kept.archived_at == null) await api.POST("/v1/sites/{site}/segments/{segment}/archive", { params });
      else await api.POST("/v1/sites/{site}/segments/{segment}/restore", { params });
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["segments", site.slug] }),
        queries.invalidateQueries({ queryKey: ["segment", site.slug, kept.id] }),
      ]),
  });
  if (kept.archived_at != null) {
    return (
      <Button onPress={() => move.mutate()} isPending={move.isPending}>
        {words.segments.restore}
      </Button>
    );
  }
  return (
    <Ask
      text={words.segments.archiveAsk(label(kept.names))}
      button={words.segments.archive}
      error={move.error}
      isPending={move.isPending}
      act={() => move.mutateAsync()}
    />
  );
}
