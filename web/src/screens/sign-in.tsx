/** Signing in by a link that is good once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer, api, Problem } from "../api/client.ts";
import { Failure, Waiting } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";

export default function SignIn({ link, done }: { link?: string; done?: () => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (link: string) => answer(api.POST("/v1/session", { body: { link } })),
    onSuccess: (me) => {
      queries.setQueryData(["session"], me);
      done?.();
    },
  });
  const { mutate } = signIn;
  // A link is good once: it must not be tried twice.
  const tried = useRef("");
  useEffect(() => {
    if (link === undefined || tried.current === link) return;
    tried.current = link;
    mutate(link);
  }, [link, mutate]);
  const isBad = signIn.error instanceof Problem && signIn.error.code === "bad_link";
  return (
    <main className="alone">
      <h1>{words.signIn.title}</h1>
      {signIn.isPending && (
        <>
          <p>{words.signIn.working}</p>
          <Waiting />
        </>
      )}
      {isBad && <p role="alert">{words.signIn.bad}</p>}
      {signIn.error && !isBad && (
        <Failure error={signIn.error} retry={() => link !== undefined && mutate(link)} />
      )}
      {!signIn.isPending && (
        <>
          <p>{words.signIn.how}</p>
          <p className="help">{words.signIn.lost}</p>
        </>
      )}
    </main>
  );
}
