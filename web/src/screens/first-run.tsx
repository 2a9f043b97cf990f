/** The first start: who owns this, and which shop it is for. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { answer, api, Problem } from "../api/client.ts";
import { NewSite } from "../data/new-site.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure } from "../ui/states.tsx";
import { Button } from "../ui/button.tsx";
import { useWords } from "../words/index.tsx";

export default function FirstRun({ link, done }: { link?: string; done?: () => void }) {
  const words = useWords();
  return (
    <main className="alone">
      <h1>{words.firstRun.title}</h1>
      {link === undefined ? <Shop /> : <Owner link={link} done={done} />}
    </main>
  );
}

function Owner({ link, done }: { link: string; done: (() => void) | undefined }) {
  const words = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const begin = useMutation({
    mutationFn: () => answer(api.POST("/v1/session", { body: { link, name } })),
    onSuccess: (me) => {
      queries.setQueryData(["session"], me);
      done?.();
    },
  });
  const isBad = begin.error instanceof Problem && begin.error.code === "bad_link";
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate();
      }}
    >
      <p>{words.firstRun.intro}</p>
      <TextInput label={words.firstRun.yourName} value={name} onChange={setName} required autoFocus />
      {isBad && <p role="alert">{words.signIn.bad}</p>}
      {begin.error && !isBad && <Failure error={begin.error} />}
      <Button type="submit" kind="main" isPending={begin.isPending}>
        {words.firstRun.begin}
      </Button>
    </Form>
  );
}

function Shop() {
  const words = useWords();
  return (
    <>
      <h2>{words.firstRun.siteTitle}</h2>
      <p>{words.firstRun.siteIntro}</p>
      <NewSite />
    </>
  );
}
