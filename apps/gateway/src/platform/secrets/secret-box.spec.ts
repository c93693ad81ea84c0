import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

const key = (): Buffer => randomBytes(32);
const credential = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)) });

describe('a secret box', () => {
  const old = key();
  const box = new SecretBox([old]);

  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(box.open(box.seal(text, 'here'), 'here')).toBe(text);
      }),
    );
  });

  it('shows nothing of what it sealed, and never the same twice', () => {
    const sealed = box.seal('sk-a-credential', 'here');
    expect(sealed).not.toContain('sk-a');
    expect(Buffer.from(sealed.split(' ').at(-1) ?? '', 'base64').toString('latin1')).not.toContain('sk-a');
    expect(box.seal('sk-a-credential', 'here')).not.toBe(sealed);
  });

  it('does not open what was sealed for another place', () => {
    expect(box.open(box.seal('secret', 'here'), 'there')).toBeUndefined();
  });

  it('does not open what was altered anywhere', () => {
    const sealed = box.seal('secret', 'here');
    fc.assert(
      fc.property(fc.nat({ max: sealed.length - 1 }), fc.constantFrom('A', 'b', '0', ' '), (at, letter) => {
        const altered = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        fc.pre(altered !== sealed);
        expect(box.open(altered, 'here')).toBeUndefined();
      }),
    );
    for (let length = 0; length < sealed.length; length += 1)
      expect(box.open(sealed.slice(0, length), 'here')).toBeUndefined();
  });

  it('opens with every key and seals with the first', () => {
    const rotated = new SecretBox([key(), old]);
    const before = box.seal('secret', 'here');
    expect(rotated.open(before, 'here')).toBe('secret');
    expect(rotated.isCurrent(before)).toBe(false);
    const after = rotated.seal('secret', 'here');
    expect(rotated.isCurrent(after)).toBe(true);
    expect(box.knows(after)).toBe(false);
    expect(box.open(after, 'here')).toBeUndefined();
  });

  it('takes no credential in clear for a sealed one', () => {
    fc.assert(fc.property(credential, text => !SecretBox.isSealed(text)));
    expect(SecretBox.isSealed(box.seal('', 'here'))).toBe(true);
  });
});
