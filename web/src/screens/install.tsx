/** The line for the shop's pages, where it goes, and whether it works. */
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { Checklist } from "../install/checklist.tsx";
import { useMe } from "../me.tsx";
import { Copyable } from "../ui/copy.tsx";
import { TextInput } from "../ui/fields.tsx";
import { useWords } from "../words/index.tsx";

type Platform = "html" | "gtm" | "woocommerce" | "shopify" | "magento";

const PLATFORMS: Platform[] = ["html", "gtm", "woocommerce", "shopify", "magento"];

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
      <Checklist />
    </>
  );
}
