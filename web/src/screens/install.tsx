/** The line for the shop's pages, where it goes, and whether it works. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Cell, Column, Row, Tab, Table, TableBody, TableHeader, TabList, TabPanel, Tabs } from "react-aria-components";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Copyable } from "../ui/copy.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

type Platform = "html" | "gtm" | "woocommerce" | "shopify" | "magento";

const PLATFORMS: Platform[] = ["html", "gtm", "woocommerce", "shopify", "magento"];

/** How often is looked whether something came, in milliseconds. */
const LOOK_MS = 3000;

function line(site: string, edge: string): string {
  const source = `${edge.trim().replace(/\/+$/, "")}/c/crumb.js`;
  return `<script>window.crumb=window.crumb||function(){(crumb.q=crumb.q||[]).push(arguments)}</script><script async src="${source}" data-site="${site}"></script>`;
}

export default function Install() {
  const words = useWords();
  const { site } = useMe();
  const [edge, setEdge] = useState("");
  return (
    <>
      <h1>{words.install.title}</h1>
      <p>{words.install.intro}</p>
      <TextInput
        label={words.install.edge}
        help={words.install.edgeHelp}
        value={edge}
        onChange={setEdge}
        type="url"
        ltr
      />
      <Copyable text={line(site.slug, edge)} label={words.install.snippet} />
      <h2>{words.install.where}</h2>
      <Tabs>
        <TabList aria-label={words.install.where}>
          {PLATFORMS.map((platform) => (
            <Tab key={platform} id={platform}>
              {words.install.platforms[platform]}
            </Tab>
          ))}
        </TabList>
        {PLATFORMS.map((platform) => (
          <TabPanel key={platform} id={platform}>
            <ol>
              {words.install.steps[platform].map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </TabPanel>
        ))}
      </Tabs>
      <Verdict />
    </>
  );
}

/** Whether the shop's events come. */
function Verdict() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const verify = useQuery({
    queryKey: ["verify", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/verify", { params: { path: { site: site.slug } } })),
    refetchInterval: LOOK_MS,
  });
  const { columns } = words.install;
  const came = verify.data?.hosts ?? [];
  return (
    <>
      <h2>{words.install.verify}</h2>
      {verify.error && <Failure error={verify.error} retry={() => void verify.refetch()} />}
      <div role="status">
        {verify.data?.works && <p className="verdict good">{words.install.works}</p>}
        {verify.data && !verify.data.works && came.length > 0 && (
          <p className="verdict bad">{words.install.refused}</p>
        )}
        {verify.data && came.length === 0 && <p className="verdict">{words.install.waiting}</p>}
      </div>
      {verify.data && came.length === 0 && (
        <ul>
          {words.install.nothing.map((advice) => (
            <li key={advice}>{advice}</li>
          ))}
        </ul>
      )}
      {came.length > 0 && (
        <div className="wide">
          <Table aria-label={words.install.verify}>
            <TableHeader>
              <Column isRowHeader>{columns.host}</Column>
              <Column>{columns.stored}</Column>
              <Column>{columns.rejected}</Column>
              <Column>{columns.last}</Column>
            </TableHeader>
            <TableBody>
              {came.map(({ host, stored, rejected, last_received_at }) => (
                <Row key={host} id={host}>
                  <Cell>{host === "" ? words.install.fromServers : <bdi dir="ltr">{host}</bdi>}</Cell>
                  <Cell>{formats.number(stored)}</Cell>
                  <Cell>{formats.number(rejected)}</Cell>
                  <Cell>{formats.moment(last_received_at)}</Cell>
                </Row>
              ))}
            </TableBody>
          </Table>
        </div>
      )}
    </>
  );
}
