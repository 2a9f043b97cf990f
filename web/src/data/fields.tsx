/** Fields of contacts: the standard ones, and the site's own. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Cell, Checkbox, Column, Form, Label, Row, Table, TableBody, TableHeader, Text, TextArea, TextField } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { NumberInput } from "../ui/number.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useLabel, useFormats, useSpeech } from "../words/index.tsx";

type Type = Schemas["FieldType"];
const TYPES: Type[] = ["text", "choice", "bool", "number", "rating", "date"];

export default function Fields() {
  const { words } = useSpeech();
  const formats = useFormats();
  const label = useLabel();
  const { site, user } = useMe();
  const fields = useQuery({
    queryKey: ["fields", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/fields", { params: { path: { site: site.slug } } })),
  });
  if (fields.error) return <Failure error={fields.error} retry={() => void fields.refetch()} />;
  if (!fields.data) return <Waiting />;
  return (
    <>
      <p>{words.data.fields.intro}</p>
      {user.role === "owner" && <Add />}
      <div className="wide">
        <Table aria-label={words.data.tabs.fields}>
          <TableHeader>
            <Column isRowHeader>{words.data.fields.label}</Column>
            <Column>{words.data.fields.name}</Column>
            <Column>{words.data.fields.type}</Column>
            <Column>{words.data.fields.options}</Column>
          </TableHeader>
          <TableBody items={fields.data.map((field) => ({ ...field, id: field.name }))} dependencies={[words]}>
            {(field) => (
              <Row>
                <Cell>
                  <bdi>{label(field.labels) || field.name}</bdi>
                </Cell>
                <Cell>
                  <code>{field.name}</code>
                  {field.standard && <span className="help">{words.data.fields.standard}</span>}
                </Cell>
                <Cell>
                  {words.data.fields.types[field.type]}
                  {field.several && <span className="help">{words.data.fields.several}</span>}
                </Cell>
                <Cell>
                  <bdi>
                    {field.scale == null
                      ? formats.list((field.options ?? []).map(({ value, labels }) => label(labels ?? {}) || value))
                      : `1–${formats.number(field.scale)}`}
                  </bdi>
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
    </>
  );
}

function Add() {
  const { words, language } = useSpeech();
  const { site } = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [label, setLabel] = useState("");
  const [type, setType] = useState<Type>("text");
  const [options, setOptions] = useState("");
  const [scale, setScale] = useState<number | undefined>(5);
  const [several, setSeveral] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      answer(
        api.PUT("/v1/sites/{site}/fields/{name}", {
          params: { path: { site: site.slug, name } },
          body: {
            type,
            labels: label === "" ? {} : { [language]: label },
            ...(type === "choice"
              ? {
                  options: options
                    .split("\n")
                    .map((value) => ({ value: value.trim() }))
                    .filter(({ value }) => value !== ""),
                  several,
                }
              : {}),
            ...(type === "rating" ? { scale: scale ?? 5 } : {}),
          },
        }),
      ),
    onSuccess: () => {
      setName("");
      setLabel("");
      setOptions("");
      return queries.invalidateQueries({ queryKey: ["fields", site.slug] });
    },
  });
  return (
    <details className="card">
      <summary>{words.data.fields.add}</summary>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <TextInput label={words.data.fields.label} value={label} onChange={setLabel} required />
        <TextInput label={words.data.fields.name} help={words.data.fields.nameHelp} value={name} onChange={setName} required ltr />
        <Choose
          label={words.data.fields.type}
          choices={TYPES.map((id) => ({ id, name: words.data.fields.types[id] }))}
          value={type}
          onChange={setType}
        />
        {type === "choice" && (
          <>
            <TextField value={options} onChange={setOptions} isRequired>
              <Label>{words.data.fields.options}</Label>
              <TextArea dir="auto" rows={4} />
              <Text slot="description">{words.data.fields.optionsHelp}</Text>
            </TextField>
            <Checkbox isSelected={several} onChange={setSeveral}>
              <span className="box" aria-hidden="true" />
              {words.data.fields.several}
            </Checkbox>
          </>
        )}
        {type === "rating" && (
          <NumberInput label={words.data.fields.scale} value={scale} least={2} most={100} onChange={setScale} />
        )}
        {add.error && <Failure error={add.error} />}
        <Button type="submit" kind="main" isPending={add.isPending}>
          {words.data.fields.add}
        </Button>
      </Form>
    </details>
  );
}
