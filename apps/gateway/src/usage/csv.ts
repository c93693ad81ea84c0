/** What a cell can hold. */
export type Cell = string | number | boolean | null;

const NEEDS_QUOTES = /[",\r\n]/;

/** A spreadsheet evaluates a cell that begins with one of these as a formula (OWASP, CSV injection). */
const BEGINS_FORMULA = /^[=+\-@\t\r]/;

/** Text that a spreadsheet would evaluate gets an apostrophe in front. Numbers are written as they are. */
const textOf = (cell: Cell): string => {
  if (cell === null) return '';
  return typeof cell === 'string' && BEGINS_FORMULA.test(cell) ? `'${cell}` : String(cell);
};

const cellOf = (cell: Cell): string => {
  const text = textOf(cell);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One record as RFC 4180 has it, with its line end. */
export const csvRecord = (cells: readonly Cell[]): string => `${cells.map(cellOf).join(',')}\r\n`;

/**
 * The text of a table whose rows come in pages, so that no export fills the memory. It resolves with the first page at
 * hand: what fails there is an error of its own, not half a file.
 */
export async function csvTable<Row>(
  columns: Record<string, (row: Row) => Cell>,
  pages: AsyncIterator<readonly Row[], void>,
): Promise<AsyncGenerator<string>> {
  const cells = Object.values(columns);
  const recordsOf = (page: readonly Row[]) => page.map(row => csvRecord(cells.map(cell => cell(row)))).join('');
  let page = await pages.next();
  return (async function* () {
    yield csvRecord(Object.keys(columns));
    for (; page.done !== true; page = await pages.next()) if (page.value.length > 0) yield recordsOf(page.value);
  })();
}
