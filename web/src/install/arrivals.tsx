/** What came in the last day, by the host of the page. */
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import type { Schemas } from "../api/client.ts";
import { useFormats, useWords } from "../words/index.tsx";

export function Arrivals({ hosts }: { hosts: Schemas["Arrivals"][] }) {
  const words = useWords();
  const formats = useFormats();
  const { columns, fromServers, parts } = words.install;
  return (
    <div className="wide">
      <Table aria-label={parts.events}>
        <TableHeader>
          <Column isRowHeader>{columns.host}</Column>
          <Column>{columns.stored}</Column>
          <Column>{columns.rejected}</Column>
          <Column>{columns.last}</Column>
        </TableHeader>
        <TableBody>
          {hosts.map(({ host, stored, rejected, last_received_at }) => (
            <Row key={host} id={host}>
              <Cell>{host === "" ? fromServers : <bdi dir="ltr">{host}</bdi>}</Cell>
              <Cell>{formats.number(stored)}</Cell>
              <Cell>{formats.number(rejected)}</Cell>
              <Cell>{formats.moment(last_received_at)}</Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
