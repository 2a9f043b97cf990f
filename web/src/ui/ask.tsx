/** A button that asks whether it is meant. */
import { Dialog, DialogTrigger, Heading, Modal } from "react-aria-components";
import { useWords } from "../words/index.tsx";
import { Button } from "./button.tsx";
import { Failure } from "./states.tsx";

interface AskProps {
  /** What will be, as a question. */
  text: string;
  button: string;
  error: unknown;
  isPending: boolean;
  act: () => Promise<unknown>;
}

export function Ask({ text, button, error, isPending, act }: AskProps) {
  const words = useWords();
  return (
    <DialogTrigger>
      <Button kind="quiet">{button}</Button>
      <Modal isDismissable>
        <Dialog role="alertdialog">
          {({ close }) => (
            <>
              <Heading slot="title" dir="auto">
                {text}
              </Heading>
              {error != null && <Failure error={error} />}
              <div className="bar">
                <Button onPress={close}>{words.app.cancel}</Button>
                {/* What went wrong is said above, and the question stays open. */}
                <Button kind="danger" isPending={isPending} onPress={() => void act().then(close, () => undefined)}>
                  {button}
                </Button>
              </div>
            </>
          )}
        </Dialog>
      </Modal>
    </DialogTrigger>
  );
}
