// Rows as columns: text to the left, figures to the right.

const FIGURE = /^[+-]?[\d,]+(\.\d+)?$/;

/** `rows` of equal length under `head`; numbers are set in thousands. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map(text));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const isFigure = head.map((_, column) => cells.slice(1).some((row) => FIGURE.test(row[column])));
  const line = (row) =>
    row
      .map((cell, column) =>
        isFigure[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd();
  const [first, ...others] = cells.map(line);
  return [first, widths.map((width) => "-".repeat(width)).join("  "), ...others].join("\n");
}

function text(cell) {
  return typeof cell === "number" ? cell.toLocaleString("en-US") : String(cell ?? "");
}
