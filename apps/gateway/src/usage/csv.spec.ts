import { csvRecord, csvTable } from './csv.js';

describe('csvRecord', () => {
  it('ends each record with CRLF', () => {
    expect(csvRecord(['a', 1, true, null])).toBe('a,1,true,\r\n');
  });

  it('quotes what holds a comma, a quote or a line end, and doubles quotes', () => {
    expect(csvRecord(['a,b', 'say "hi"', 'two\nlines', 'plain'])).toBe('"a,b","say ""hi""","two\nlines",plain\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('puts an apostrophe before text that is a formula: %j', text => {
    expect(csvRecord([text])).toBe(`'${text}\r\n`);
  });

  it('puts an apostrophe before a carriage return, and leaves numbers and other text as they are', () => {
    expect(csvRecord(['\r=1'])).toBe('"\'\r=1"\r\n');
    expect(csvRecord([-1, 'a=1', "'=1", ''])).toBe("-1,a=1,'=1,\r\n");
  });
});

describe('csvTable', () => {
  async function textOf(pages: { name: string }[][]): Promise<string> {
    async function* given() {
      yield* pages;
    }
    let text = '';
    for await (const chunk of await csvTable({ name: (row: { name: string }) => row.name }, given())) text += chunk;
    return text;
  }

  it('has a header even where there are no rows', async () => {
    expect(await textOf([])).toBe('name\r\n');
    expect(await textOf([[]])).toBe('name\r\n');
  });

  it('joins pages without a gap', async () => {
    expect(await textOf([[{ name: 'a' }, { name: 'b' }], [{ name: 'c' }]])).toBe('name\r\na\r\nb\r\nc\r\n');
  });
});

describe('csvTable before the first byte', () => {
  it('rejects where the first page cannot be read', async () => {
    const pages = { next: () => Promise.reject(new Error('no database')) };
    await expect(csvTable({}, pages)).rejects.toThrow('no database');
  });
});
