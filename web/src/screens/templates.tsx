/** Templates of segments: questions that shops ask, with values to set. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog, Form, Heading, Modal } from "react-aria-components";
import { useLocation } from "wouter";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { addressOf } from "../segments/address.ts";
import { Fill, type Values } from "../segments/fill.tsx";
import { useLanguage } from "../segments/asking.ts";
import { vocabulary, type LanguageSchema } from "../segments/language.ts";
import { Knowing } from "../segments/naming.tsx";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useSpeech } from "../words/index.tsx";

type Template = Schemas["Template"];

export default function Templates() {
  const { words, language } = useSpeech();
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState<Template | null>(null);
  const templates = useQuery({
    queryKey: ["segment-templates"],
    queryFn: () => answer(api.GET("/v1/segment-templates")),
    staleTime: Infinity,
  });
  if (templates.error) return <Failure error={templates.error} retry={() => void templates.refetch()} />;
  if (!templates.data) return <Waiting />;
  const fits = ({ name, description }: Template) =>
    `${name[language]} ${description[language]}`.toLowerCase().includes(wanted.trim().toLowerCase());
  const shown = templates.data.filter(fits);
  const themes = [...new Set(shown.map(({ theme }) => theme))];
  return (
    <>
      <h1>{words.segments.gallery}</h1>
      <p>{words.segments.galleryIntro}</p>
      <div className="bar">
        <TextInput type="search" label={words.segments.search} value={wanted} onChange={setWanted} />
      </div>
      {shown.length === 0 && <p className="empty">{words.segments.noneFits}</p>}
      {themes.map((theme) => (
        <section key={theme}>
          <h2>{words.segments.themes[theme]}</h2>
          <ul className="gallery">
            {shown
              .filter((one) => one.theme === theme)
              .map((one) => (
                <li key={one.id} className="card">
                  <h3>{one.name[language]}</h3>
                  <p>{one.description[language]}</p>
                  <Button onPress={() => setChosen(one)} aria-label={`${words.segments.use}: ${one.name[language]}`}>
                    {words.segments.use}
                  </Button>
                </li>
              ))}
          </ul>
        </section>
      ))}
      <Modal isDismissable isOpen={chosen !== null} onOpenChange={(open) => !open && setChosen(null)}>
        <Dialog>{chosen !== null && <Use template={chosen} />}</Dialog>
      </Modal>
    </>
  );
}

function Use({ template }: { template: Template }) {
  const { words, language } = useSpeech();
  const { site } = useMe();
  const [, navigate] = useLocation();
  const known = useLanguage(site.slug);
  const parameters = template.parameters ?? [];
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(parameters.map(({ name, default: usual }) => [name, usual])),
  );
  const [error, setError] = useState<unknown>(null);
  const [isPending, setIsPending] = useState(false);
  const fill = async () => {
    setIsPending(true);
    try {
      const filled = await answer(
        api.POST("/v1/segment-templates/{template}", {
          params: { path: { template: template.id } },
          body: { values: values as Record<string, never> },
        }),
      );
      navigate(addressOf(`/${site.slug}/segments/new`, filled.definition, template.name));
    } catch (problem) {
      setError(problem);
      setIsPending(false);
    }
  };
  if (!known.data) return known.error ? <Failure error={known.error} /> : <Waiting />;
  return (
    <Knowing value={vocabulary(known.data as unknown as LanguageSchema)}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          void fill();
        }}
      >
        <Heading slot="title">{template.name[language]}</Heading>
        <p>{template.description[language]}</p>
        {parameters.map((parameter) => (
          <Fill
            key={parameter.name}
            parameter={parameter}
            value={values[parameter.name]}
            onChange={(value) => setValues((before) => ({ ...before, [parameter.name]: value }))}
          />
        ))}
        {error !== null && <Failure error={error} />}
        <div className="bar">
          <Button slot="close">{words.app.cancel}</Button>
          <Button type="submit" kind="main" isPending={isPending}>
            {words.segments.use}
          </Button>
        </div>
      </Form>
    </Knowing>
  );
}
