/** A file of contacts: dropped, looked at, mended, taken. */
import { skipToken, useMutation, useMutationState, useQuery, useQueryClient, type MutationState } from "@tanstack/react-query";
import { useState } from "react";
import {
  Cell,
  Checkbox,
  Column,
  DropZone,
  FileTrigger,
  ProgressBar,
  Row,
  Table,
  TableBody,
  TableHeader,
  Text,
  type FileDropItem,
} from "react-aria-components";
import { answer, api, type Schemas } from "../api/client.ts";
import { upload } from "../api/upload.ts";
import { useMe } from "../me.tsx";
import { useFieldNames } from "../people/fields.ts";
import { Button } from "../ui/button.tsx";
import { Choose } from "../ui/fields.tsx";
import { Failure } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

type Imported = Schemas["Imported"];
const NOTHING = "";
const SPECIAL = ["id", "full_name", "updated_at"] as const;

export default function Import() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const [file, setFile] = useState<File | null>(null);
  /** Which column becomes what, where somebody said so. */
  const [columns, setColumns] = useState<{ [place: string]: string | null }>({});
  const [skips, setSkips] = useState(false);
  const queries = useQueryClient();
  const ofTaking = ["import", "taking", site.slug];
  const ofShare = ["import", "share", site.slug];
  /** How much of a file is on its way; kept beside the page, as what is being taken is, so that it may be left. */
  const { data: share = 0 } = useQuery({ queryKey: ofShare, queryFn: skipToken, initialData: 0 });
  const send = (dryRun: boolean, file: File) => {
    queries.setQueryData(ofShare, 0);
    const mapping = JSON.stringify({ columns, on_bad_value: skips ? "skip_value" : "reject_row" });
    return answer(
      api.POST("/v1/sites/{site}/contacts/import", {
        params: { path: { site: site.slug }, query: { dry_run: dryRun, wait: !dryRun, name: file.name, mapping } },
        body: file as unknown as string,
        bodySerializer: (body: unknown) => body as File,
        headers: { "content-type": "text/csv" },
        fetch: (request) => upload(request, (share) => queries.setQueryData(ofShare, share)),
      }),
    );
  };
  const look = useQuery({
    queryKey: ["import", site.slug, file?.name, file?.size, file?.lastModified, columns, skips],
    queryFn: file === null ? skipToken : () => send(true, file),
    retry: false,
    placeholderData: (before) => before,
  });
  const { mutate: take } = useMutation({ mutationKey: ofTaking, mutationFn: (file: File) => send(false, file) });
  const takings = useMutationState({
    filters: { mutationKey: ofTaking },
    select: ({ state }) => state as MutationState<Imported, Error, File>,
  });
  const taking = takings.at(-1);
  const isTaking = taking?.status === "pending";
  const forget = () => {
    const all = queries.getMutationCache();
    for (const one of all.findAll({ mutationKey: ofTaking })) all.remove(one);
  };
  const begin = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    forget();
    setColumns({});
    setFile(chosen);
  };
  const drop = async (items: { kind: string }[]) => {
    const dropped = items.find((item): item is FileDropItem => item.kind === "file");
    begin(await dropped?.getFile());
  };
  if (taking?.data) {
    return (
      <section className="card" role="status">
        <p className="verdict good">
          {words.data.import.taken(formats.number(taking.data.accepted), formats.plural(taking.data.accepted))}
        </p>
        <Rejected report={taking.data} />
        <Button
          onPress={() => {
            forget();
            setFile(null);
          }}
        >
          {words.data.import.again}
        </Button>
      </section>
    );
  }
  return (
    <>
      <p>{words.data.import.intro}</p>
      <DropZone onDrop={({ items }) => void drop(items)} isDisabled={isTaking}>
        <Text slot="label">{(isTaking ? taking.variables : file)?.name ?? words.data.import.drop}</Text>
        <FileTrigger
          acceptedFileTypes={[".csv", "text/csv", "text/plain"]}
          onSelect={(files) => begin(files?.[0])}
        >
          <Button isDisabled={isTaking}>{words.data.import.choose}</Button>
        </FileTrigger>
      </DropZone>
      {(look.isFetching || isTaking) && <Progress share={share} isTaking={isTaking} />}
      {look.error && <Failure error={look.error} />}
      {taking?.error && <Failure error={taking.error} {...(file && { retry: () => take(file) })} />}
      {file !== null && look.data && !look.error && (
        <>
          <p role="status">
            {words.data.import.rows(formats.number(look.data.rows), formats.plural(look.data.rows))} ·{" "}
            <span className="verdict good">{words.data.import.accepted(formats.number(look.data.accepted))}</span>
            {look.data.rejected > 0 && (
              <>
                {" · "}
                <span className="verdict bad">{words.data.import.rejected(formats.number(look.data.rejected))}</span>
              </>
            )}
          </p>
          <Mapping
            report={look.data}
            onChange={(place, field) => setColumns((before) => ({ ...before, [place]: field }))}
          />
          <Warnings warnings={look.data.warnings} />
          <Sample sample={look.data.sample ?? []} />
          <Checkbox isSelected={skips} onChange={setSkips}>
            <span className="box" aria-hidden="true" />
            {words.data.import.skip}
          </Checkbox>
          <Rejected report={look.data} />
          <Button
            kind="main"
            isDisabled={look.data.accepted === 0 || look.isFetching}
            isPending={isTaking}
            onPress={() => take(file)}
          >
            {words.data.import.take(formats.number(look.data.accepted), formats.plural(look.data.accepted))}
          </Button>
        </>
      )}
    </>
  );
}

/** How far a file is: first it is sent, then it is read. */
function Progress({ share, isTaking }: { share: number; isTaking: boolean }) {
  const words = useWords();
  const formats = useFormats();
  const isSent = share === 1;
  const said = isSent ? words.data.import.reading : words.data.import.sending(formats.percent(share));
  return (
    <ProgressBar value={share * 100} isIndeterminate={isSent} aria-label={said} className="sending">
      <progress aria-hidden="true" {...(isSent ? {} : { value: share })} />
      <span>{said}</span>
      {isTaking && <span>{words.data.import.mayLeave}</span>}
    </ProgressBar>
  );
}

function Mapping({ report, onChange }: { report: Imported; onChange: (place: string, field: string | null) => void }) {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const names = useFieldNames();
  const fields = useQuery({
    queryKey: ["fields", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/fields", { params: { path: { site: site.slug } } })),
  });
  const choices = [
    { id: NOTHING, name: words.data.import.nothing },
    ...SPECIAL.map((id) => ({ id: id as string, name: words.data.special[id] })),
    ...(fields.data ?? []).map(({ name }) => ({ id: name, name: names.field(name) })),
  ];
  return (
    <div className="wide">
      <Table aria-label={words.data.import.columns.field}>
        <TableHeader>
          <Column isRowHeader>{words.data.import.columns.header}</Column>
          <Column>{words.data.import.columns.field}</Column>
          <Column>{words.data.import.columns.found}</Column>
          <Column>{words.data.import.columns.filled}</Column>
        </TableHeader>
        <TableBody items={report.columns.map((column) => ({ ...column, id: column.index }))} dependencies={[words, fields.data]}>
          {(column) => (
            <Row>
              <Cell>
                <bdi>{column.header || formats.number(column.index + 1)}</bdi>
              </Cell>
              <Cell>
                <Choose
                  label={column.header}
                  quiet
                  choices={choices}
                  value={column.field ?? NOTHING}
                  onChange={(field) => onChange(String(column.index), field === NOTHING ? null : field)}
                />
              </Cell>
              <Cell>{column.found == null ? "" : words.data.import.found[column.found]}</Cell>
              <Cell>{formats.number(column.filled)}</Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  );
}

function Warnings({ warnings }: { warnings: Schemas["ImportWarning"][] }) {
  const words = useWords();
  const formats = useFormats();
  if (warnings.length === 0) return null;
  return (
    <section className="card">
      <h2>{words.data.import.warnings}</h2>
      <ul className="plain">
        {warnings.map(({ code, count, detail, at = [] }) => (
          <li key={code}>
            <strong>{formats.number(count)}</strong> <span dir="auto">{detail}</span>{" "}
            <span className="help">
              <bdi>{formats.list(at.slice(0, 5).map(({ column, value = "" }) => `${column} ${value}`.trim()))}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sample({ sample }: { sample: Schemas["SampleRow"][] }) {
  const words = useWords();
  const formats = useFormats();
  const names = useFieldNames();
  const columns = [...new Set(sample.flatMap(({ row }) => Object.keys(row)))];
  if (columns.length === 0) return null;
  const text = (value: unknown) => (value == null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
  return (
    <>
      <h2>{words.data.import.sample}</h2>
      <div className="wide">
        <Table aria-label={words.data.import.sample}>
          <TableHeader>
            <Column isRowHeader>{words.data.import.line}</Column>
            {columns.map((column) => (
              <Column key={column}>{names.field(column)}</Column>
            ))}
          </TableHeader>
          <TableBody>
            {sample.map(({ line, row }) => (
              <Row key={line} id={line}>
                <Cell>{formats.number(line)}</Cell>
                {columns.map((column) => (
                  <Cell key={column}>
                    <bdi>{text(Reflect.get(row, column))}</bdi>
                  </Cell>
                ))}
              </Row>
            ))}
          </TableBody>
        </Table>
      </div>
    </>
  );
}

/** A cell of a CSV that no spreadsheet reckons with. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function Rejected({ report }: { report: Imported }) {
  const words = useWords();
  const formats = useFormats();
  const rows = report.rejected_rows;
  if (rows.length === 0) return null;
  const download = () => {
    const head = [words.data.import.line, words.data.import.columns.header, words.segments.builder.value, words.data.import.why];
    const lines = rows.flatMap(({ line, problems }) =>
      problems.map(({ column, value, detail }) => [String(line), column, value, detail]),
    );
    const text = `\u{feff}${[head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "rejected.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <details className="card">
      <summary>
        {words.data.import.wrong}: {formats.number(report.rejected)}
      </summary>
      <ul className="plain">
        {rows.slice(0, 50).map(({ line, problems }) => (
          <li key={line}>
            {words.data.import.line} {formats.number(line)}:{" "}
            {problems.map(({ column, value, detail }) => (
              <span key={column + detail} dir="auto">
                <bdi>{column}</bdi> <code>{value}</code> {detail}{" "}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <Button onPress={download}>{words.data.import.download}</Button>
    </details>
  );
}
