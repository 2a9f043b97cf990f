/** Who did what. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";

const PAGE = 100;

export default function Audit() {
  const words = useWords();
  const formats = useFormats();
  const { site } = useMe();
  const pages = useInfiniteQuery({
    queryKey: ["audit", site.slug],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/sites/{site}/audit", {
          params: { path: { site: site.slug }, query: { limit: PAGE, ...(pageParam === 0 ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (deeds) => (deeds.length < PAGE ? undefined : deeds.at(-1)?.id),
  });
  if (pages.error) return <Failure error={pages.error} retry={() => void pages.refetch()} />;
  if (!pages.data) return <Waiting />;
  return (
    <>
      <p>{words.data.audit.intro}</p>
      <div className="wide">
        <Table aria-label={words.data.tabs.audit}>
          <TableHeader>
            <Column isRowHeader>{words.data.audit.at}</Column>
            <Column>{words.data.audit.who}</Column>
            <Column>{words.data.audit.action}</Column>
            <Column>{words.data.audit.target}</Column>
            <Column>{words.data.audit.detail}</Column>
          </TableHeader>
          <TableBody
            items={pages.data.pages.flat()}
            dependencies={[words]}
            renderEmptyState={() => <p className="empty">{words.data.audit.none}</p>}
          >
            {(deed) => (
              <Row>
                <Cell>{formats.moment(deed.at_ms)}</Cell>
                <Cell>
                  <bdi>{deed.who}</bdi>
                </Cell>
                <Cell>
                  <code>{deed.action}</code>
                </Cell>
                <Cell>
                  <bdi>{deed.target}</bdi>
                </Cell>
                <Cell>
                  <bdi>{deed.detail}</bdi>
                </Cell>
              </Row>
            )}
          </TableBody>
        </Table>
      </div>
      {pages.hasNextPage && (
        <Button onPress={() => void pages.fetchNextPage()} isPending={pages.isFetchingNextPage}>
          {words.data.audit.older}
        </Button>
      )}
    </>
  );
}
