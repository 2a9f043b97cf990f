/** What the backend says of a definition while somebody writes it. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api, Problem, type Schemas } from "../api/client.ts";
import { sent, type Node } from "./language.ts";

/** How long nothing is typed before it is asked. */
const PAUSE_MS = 200;

/** The value as it was once it stayed the same for a moment. */
function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    if (settled.key === key) return undefined;
    const timer = setTimeout(() => setSettled({ value, key }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, key, settled.key]);
  return settled.value;
}

export type Answered = Schemas["Answered"];

/** A definition's count, at once as an estimate where the site is large, and then exactly. */
export function usePreview(site: string, node: Node | undefined) {
  const key = JSON.stringify(node);
  const definition = useSettled(node, key ?? "");
  const asked = JSON.stringify(definition);
  const ask = (estimate: boolean) => ({
    queryKey: ["preview", site, asked, estimate],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      answer(
        api.POST("/v1/segments/preview", {
          body: { site, definition: sent(definition), estimate, sample: 10 },
          signal,
        }),
      ),
    // What is wrong stays wrong; what was right is asked anew after a minute.
    retry: (times: number, error: Error) => times < 2 && !(error instanceof Problem && error.status < 500),
    staleTime: 60_000,
    placeholderData: (before: Answered | undefined) => before,
  });
  const quick = useQuery({ ...ask(true), enabled: definition !== undefined });
  const isEstimate = quick.data?.estimate != null && !quick.isPlaceholderData;
  const exact = useQuery({ ...ask(false), enabled: isEstimate, placeholderData: () => undefined });
  return {
    answer: exact.data ?? quick.data,
    /** Whether the answer is of what was written before. */
    isOld: quick.isPlaceholderData || key !== asked,
    isFetching: quick.isFetching || exact.isFetching,
    error: quick.error,
  };
}

/** The definition in words, in both languages. */
export function useSentence(site: string, node: Node | undefined) {
  const key = JSON.stringify(node);
  const definition = useSettled(node, key ?? "");
  return useQuery({
    queryKey: ["describe", site, JSON.stringify(definition)],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/v1/segments/describe", {
          body: { site, definition: sent(definition) },
          signal,
        }),
      ),
    enabled: definition !== undefined,
    retry: false,
    staleTime: Infinity,
    placeholderData: (before) => before,
  });
}

/** The language as the site speaks it; of a segment that is changed, without itself. */
export function useLanguage(site: string, segment?: string) {
  return useQuery({
    queryKey: ["segment-language", site, segment],
    queryFn: () =>
      answer(
        api.GET("/v1/segment-language", {
          params: { query: segment === undefined ? { site } : { site, segment } },
        }),
      ),
    staleTime: 60_000,
  });
}
