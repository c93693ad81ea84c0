import fc from 'fast-check';
import { dataOf, withData } from './sse.event.js';

const line = fc.string().map(text => text.replaceAll(/[\r\n]/g, '€'));

describe('the data of an event', () => {
  it('joins several lines, and is none in a comment', () => {
    expect(dataOf(Buffer.from('data: a\ndata:b\n\n'))?.toString()).toBe('a\nb');
    expect(dataOf(Buffer.from(': ping\n\n'))).toBeUndefined();
    expect(dataOf(Buffer.from('datum: ping\n\n'))).toBeUndefined();
  });

  it('is found behind a byte order mark', () => {
    expect(dataOf(Buffer.from('\ufeffdata: a\n\n'))?.toString()).toBe('a');
  });

  it('is exchanged with every other byte of the event kept', () => {
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.constantFrom('data:', 'data: '), line, (eol, field, text) => {
        fc.pre(!text.startsWith(' '));
        const event = (data: string) => Buffer.from(`event: x${eol}${field}${data}${eol}: note${eol}id: 7${eol}${eol}`);
        expect(withData(event(text), Buffer.from('new')).toString()).toBe(event('new').toString());
      }),
    );
  });

  it('keeps its lines where it has several, and loses those that are left empty', () => {
    const event = Buffer.from('data: a\r\nid: 1\r\ndata:b\r\ndata: c\r\n\r\n');
    expect(withData(event, Buffer.from('x\ny\nz')).toString()).toBe('data: x\r\nid: 1\r\ndata:y\r\ndata: z\r\n\r\n');
    expect(withData(event, Buffer.from('x')).toString()).toBe('data: x\r\nid: 1\r\n\r\n');
  });
});
