import fc from 'fast-check';
import { CompletionReader } from './completion.reader.js';
import { ModelName } from './model.name.js';
import { RelayedText } from './relayed.text.js';
import { StreamTap } from './stream.tap.js';

const chunk = (text: string, usage?: unknown, eol = '\n') =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: text } }], ...(usage === undefined ? {} : { usage }) })}${eol}${eol}`;
const usageOf = (output: number) => ({ prompt_tokens: 3, total_tokens: 3 + output, completion_tokens: output });
const last = (output: number, eol = '\n') =>
  `data: ${JSON.stringify({ id: 'c', choices: [], usage: usageOf(output) })}${eol}${eol}`;

const UNASKED = { include: false, continuous: false };

function pass(text: string, wish: { include: boolean; continuous: boolean }, cuts: number[] = []) {
  const reader = new CompletionReader(new RelayedText(() => Promise.resolve(undefined)), new ModelName('mine'));
  const tap = new StreamTap(reader, wish);
  const bytes = Buffer.from(text);
  const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const parts = [0, ...at].map((from, index) => tap.push(bytes.subarray(from, at[index] ?? bytes.length)));
  return {
    tap,
    reader,
    passed: parts.map(part => part.bytes.toString()).join(''),
    final: parts.map(part => part.final.toString()).join(''),
  };
}

describe('StreamTap', () => {
  const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 });
  const eols = fc.constantFrom('\n', '\r\n');

  it('passes to a client that did not ask just what an upstream sends that was not asked', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), fc.boolean(), eols, (list, cuts, continuous, eol) => {
        const asked = list.map((text, index) => chunk(text, continuous ? usageOf(index) : null, eol)).join('');
        const end = `data: [DONE]${eol}${eol}`;
        const { reader, passed, final } = pass(`${asked}${last(list.length, eol)}${end}`, UNASKED, cuts);
        expect(passed).toBe(list.map(text => chunk(text, undefined, eol)).join(''));
        expect(final).toBe(end);
        expect(reader.usage()).toMatchObject({ inputTokens: 3, outputTokens: list.length });
      }),
    );
  });

  it('passes to a client that asked for all just what the upstream sends', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), eols, (list, cuts, eol) => {
        const text = `: ping${eol}${eol}event: x${eol}${list.map((one, index) => chunk(one, usageOf(index), eol)).join('')}`;
        expect(pass(text, { include: true, continuous: true }, cuts).passed).toBe(text);
      }),
    );
  });

  it('keeps the other lines of an event from which it takes the usage', () => {
    const event = (data: object) => `event: token\r\nid: 7\r\ndata:${JSON.stringify(data)}\r\n: note\r\n\r\n`;
    const { passed } = pass(event({ usage: usageOf(1), choices: [{ delta: {} }], id: 'c' }), UNASKED);
    expect(passed).toBe(event({ choices: [{ delta: {} }], id: 'c' }));
  });

  it('leaves the usage chunk to a client that asked, and no other usage', () => {
    const { passed } = pass(chunk('a', usageOf(1)) + last(1), { include: true, continuous: false });
    expect(passed).toBe(chunk('a', null) + last(1));
  });

  it('knows the last usage of a stream that was cut', () => {
    const { reader } = pass(chunk('a', usageOf(1)) + chunk('b', usageOf(2)), UNASKED, [5, 50]);
    expect(reader.usage()).toMatchObject({ outputTokens: 2 });
    expect(reader.text.isEmpty).toBe(true);
  });

  it('is not misled by a text that speaks of usage, of an error or of the end', () => {
    const text = chunk('"usage":{},"error":{}} [DONE]');
    const { tap, passed } = pass(text, UNASKED);
    expect(passed).toBe(text);
    expect(tap.ended).toBeUndefined();
    expect(tap.broken).toBe(false);
  });

  it('holds back an error of the upstream, and whatever follows', () => {
    const { tap, passed, final } = pass(
      `${chunk('a')}data: {"error":{"message":"secret"}}\n\ndata: [DONE]\n\n`,
      UNASKED,
    );
    expect(passed).toBe(chunk('a'));
    expect(final).toBe('');
    expect(tap.broken).toBe(true);
  });

  it('takes an end without its blank line for an end, and half an event for none', () => {
    const { tap } = pass(`${chunk('a')}data: [DONE]\n`, UNASKED);
    expect(tap.flush().toString()).toBe('data: [DONE]\n');
    expect(tap.ended).toBe('end');
    const broken = pass(`${chunk('a')}data: {"choices"`, UNASKED);
    expect(broken.tap.flush()).toHaveLength(0);
    expect(broken.tap.ended).toBeUndefined();
  });

  it('names the model as the caller did in every event, and changes nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.nat()), eols, fc.boolean(), (name, cuts, eol, first) => {
        const event = (model: string, usage: unknown) => {
          const rest = { choices: [{ delta: { content: '"model":"x"', model: 'inner' } }] };
          const told = usage === undefined ? {} : { usage };
          return `data: ${JSON.stringify(first ? { model, ...rest, ...told } : { ...rest, ...told, model })}${eol}${eol}`;
        };
        const sent = [usageOf(1), null, undefined].map(usage => event(name, usage)).join('');
        const asked = [undefined, undefined, undefined].map(usage => event('mine', usage)).join('');
        expect(pass(sent, UNASKED, cuts).passed).toBe(asked);
      }),
    );
  });
});
