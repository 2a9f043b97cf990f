/** What a segment was before, and who changed it. */
import { useQuery } from "@tanstack/react-query";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useLabel, useSpeech } from "../words/index.tsx";
import { useSentence } from "./asking.ts";
import { received, type Node } from "./language.ts";

export default function History({ segment, take }: { segment: string; take: (definition: Node) => void }) {
  const { words } = useSpeech();
  const formats = useFormats();
  const { site } = useMe();
  const [, setSearch] = useSearchParams();
  const versions = useQuery({
    queryKey: ["history", site.slug, segment],
    queryFn: () =>
      answer(
        api.GET("/v1/sites/{site}/segments/{segment}/history", { params: { path: { site: site.slug, segment } } }),
      ),
  });
  if (versions.error) return <Failure error={versions.error} retry={() => void versions.refetch()} />;
  if (!versions.data) return <Waiting />;
  return (
    <div className="wide">
      <Table aria-label={words.segments.tabs.history}>
        <TableHeader>
          <Column isRowHeader>{words.segments.versions.version}</Column>
          <Column>{words.segments.inWords}</Column>
          <Column>{words.segments.versions.at}</Column>
          <Column>{words.segments.versions.by}</Column>
          <Column>
              <span className="unseen">{words.app.deeds}</span>
            </Column>
        </TableHeader>
        <TableBody items={versions.data.map((version) => ({ ...version, id: version.version }))} dependencies={[words]}>
          {(version) => (
            <Row>
              <Cell>{formats.number(version.version)}</Cell>
              <Cell>
                <Sentence version={version} />
              </Cell>
              <Cell>{formats.moment(version.changed_at)}</Cell>
              <Cell>
                <bdi>{version.changed_by}</bdi>
              </Cell>
              <Cell>
                <Button
                  kind="quiet"
                  onPress={() => {
                    take(received(version.definition));
                    setSearch({ tab: "build" });
                  }}
                >
                  {words.segments.versions.back}
                </Button>
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </div>
  );
}

function Sentence({ version }: { version: Schemas["SegmentVersion"] }) {
  const { language } = useSpeech();
  const label = useLabel();
  const { site } = useMe();
  const sentence = useSentence(site.slug, received(version.definition));
  return (
    <>
      <strong dir="auto">{label(version.names)}</strong>
      <span className="help">{sentence.data?.[language]}</span>
    </>
  );
}
