import { prefersCsv } from './accept.header.js';

describe('an Accept header', () => {
  it.each([
    'text/csv',
    'text/*',
    'text/html, Text/CSV; charset=utf-8, */*',
    'text/csv, application/json',
    'text/csv, application/json;q=0.9',
    'application/json;q=0.5, text/csv',
    'application/json; q=0.5, text/csv; header=present; q=0.51',
    '*/*, text/csv',
    'application/*;q=0.8, text/csv;q=0.9',
    'application/json;q=0, text/csv;q=0.001',
    'text/csv;q=0.5, text/html',
  ])('wants CSV: %s', accept => {
    expect(prefersCsv(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'application/json',
    'text/html',
    'application/json, text/csv',
    'text/csv;q=0.5, application/json',
    'text/csv;q=0.5, */*',
    'text/csv;q=0',
    'text/csv;q=0.000, */*',
    'text/*, text/csv;q=0',
    ',;q=1,',
  ])('wants JSON, or is not told otherwise: %s', accept => {
    expect(prefersCsv(accept)).toBe(false);
  });
});
