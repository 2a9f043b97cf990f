/** What stands where something is not there yet, or did not work. */
import { ProgressBar } from "react-aria-components";
import { Problem, Unreachable } from "../api/client.ts";
import { Button } from "./button.tsx";
import { useWords } from "../words/index.tsx";

export function Waiting() {
  const words = useWords();
  return (
    <ProgressBar isIndeterminate aria-label={words.app.loading} className="waiting">
      <span className="crumbs" />
    </ProgressBar>
  );
}

/** What went wrong, as the backend says it. */
export function useReason(): (error: unknown) => string {
  const words = useWords();
  return (error) => {
    if (error instanceof Unreachable) return words.app.offline;
    if (error instanceof Problem) return error.detail;
    return words.app.failed;
  };
}

/** What is wrong with which field of what was sent. */
export function wrongFields(error: unknown): Record<string, string> {
  if (!(error instanceof Problem) || error.pointer === undefined) return {};
  return { [error.pointer.slice(1)]: error.detail };
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const words = useWords();
  const reason = useReason();
  return (
    <div role="alert" className="failure">
      <p dir="auto">{reason(error)}</p>
      {retry && <Button onPress={retry}>{words.app.retry}</Button>}
    </div>
  );
}
