import { readFileSync } from 'node:fs';
import { InputError } from '@kinetune/study';
import { describe, expect, it } from 'vitest';
import { readWatch } from '../import/watch.ts';
import { PickleText, PickleTuple } from './pickle-values.ts';
import { readObjectNpy } from './read-npy.ts';
import { readPickle } from './read-pickle.ts';

interface Fixture {
  readonly expected: {
    readonly X: readonly number[][];
    readonly y: number[];
    readonly side: number[];
    readonly subject: number[];
  };
  readonly npy: Readonly<Record<string, string>>;
  readonly plain: Readonly<Record<string, string>>;
  readonly evil: Readonly<Record<string, string>>;
  readonly cyclic: Readonly<Record<string, string>>;
  readonly instance: string;
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/pickles.json', import.meta.url), 'utf8')) as Fixture;
const PROTOCOLS = ['0', '1', '2', '3', '4', '5'];
const bytesOf = (base64: string | undefined): Uint8Array => Buffer.from(base64 ?? '', 'base64');
const asText = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function codeOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

/** Text and tuples as plain values, to compare. */
function plain(value: unknown): unknown {
  if (value instanceof PickleText) return value.toString();
  if (value instanceof PickleTuple) return value.items.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key as string, plain(item)]));
  if (value instanceof Uint8Array) return [...value];
  return Array.isArray(value) ? value.map(plain) : value;
}

describe.each(PROTOCOLS)('a pickle of protocol %s', (protocol) => {
  it('gives the arrays that numpy wrote, C and Fortran order, both byte orders', () => {
    const dataset = readWatch(bytesOf(fixture.npy[protocol]), { file: 'x.npy', contentHash: '' });
    expect(dataset.recordings.map(({ samples }) => [...samples])).toEqual(
      fixture.expected.X.map((x) => [...Float32Array.from(x)]),
    );
    expect(dataset.recordings.map(({ subject }) => Number(subject))).toEqual(fixture.expected.subject);
    expect(dataset.recordings.map(({ segments }) => segments[0]?.label)).toEqual(fixture.expected.y);
    expect(dataset.recordings.map(({ facts }) => (facts['arm'] === 'right' ? 1 : 0))).toEqual(fixture.expected.side);
    expect(dataset.notes.map(({ code }) => code)).toEqual(['watch-other-file']);
  });

  it('gives plain values as Python has them', () => {
    expect(plain(readPickle(bytesOf(fixture.plain[protocol]), { file: 'x.pkl' }))).toEqual({
      integers: [0, 1, -1, 255, 65535, -(2 ** 31), 2 ** 40, -(2 ** 40), 2 ** 53 - 1],
      floats: [0.5, -1e300, Infinity],
      nested: [null, true, false, ['a'], ['b', ['c']], { k: [1, 2] }],
      text: 'Grüße 漢字',
      bytes: [0, 255, 39, 10, 92],
    });
  });

  it('that names another global is refused with its name, file and byte offset', () => {
    const { code, message } = codeOf(() => readObjectNpy(bytesOf(fixture.evil[protocol]), { file: 'evil.npy' }));
    expect(code).toBe('pickle-global-refused');
    expect(message).toMatch(/^evil\.npy: byte \d+: .*posix\.system/);
  });

  it('that contains itself is read without hanging, and refused as watch data', () => {
    const bytes = bytesOf(fixture.cyclic[protocol]);
    expect(codeOf(() => readWatch(bytes, { file: 'x.npy', contentHash: '' })).code).toBe('watch-content');
  });

  it('that is cut anywhere, or has any byte changed, gives a data set or an InputError and nothing else', () => {
    const whole = bytesOf(fixture.npy[protocol]);
    for (let end = 0; end < whole.length; end += 7) {
      expect(
        codeOf(() => readWatch(whole.subarray(0, end), { file: 'x.npy', contentHash: '' })).code,
        `cut at ${end}`,
      ).not.toBe('none');
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      codeOf(() => readWatch(changed, { file: 'x.npy', contentHash: '' }));
    }
  });
});

describe('the watch data', () => {
  it('are refused where two exercises have one name', () => {
    const text = Buffer.from(bytesOf(fixture.npy['2'])).toString('latin1').replace('ABD', 'PEN');
    const { code, message } = codeOf(() => readWatch(Buffer.from(text, 'latin1'), { file: 'x.npy', contentHash: '' }));
    expect([code, message]).toEqual(['watch-content', expect.stringContaining('repeat a name: PEN PEN FEL')]);
  });
});

describe('a hostile pickle', () => {
  it.each([
    ['a text longer than the file', 'X\xff\xff\xff\xff', 'pickle-damaged'],
    ['bytes longer than the file, by 64 bits', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff', 'pickle-damaged'],
    ['a negative length', 'T\xff\xff\xff\xff', 'pickle-damaged'],
    ['an integer of gigabytes', '\x8b\xff\xff\xff\x7f', 'pickle-damaged'],
    ['a memo entry that was never stored', 'j\xff\xff\xff\xff.', 'pickle-damaged'],
    ['an empty stack', '.', 'pickle-damaged'],
    ['a mark that is missing', 't.', 'pickle-damaged'],
    [
      'an array whose shape asks for more than its bytes',
      'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(J\xff\xff\xff\x7ftcnumpy\ndtype\n(U\x02f8K\x00K\x01tR\x89U\x08abcdefghtb.',
      'pickle-damaged',
    ],
    ['a dtype of dates', 'cnumpy\ndtype\n(U\x02M8K\x00K\x01tR.', 'pickle-damaged'],
    ['eval of builtins', 'c__builtin__\neval\n(U\x011tR.', 'pickle-global-refused'],
    ['a global by its dotted name', '\x80\x04\x8c\x05numpy\x8c\x0andarray.__class__\x93.', 'pickle-damaged'],
    ['numpy.load', 'cnumpy\nload\n.', 'pickle-global-refused'],
    ['an old-style instance', '(i__main__\nX\n.', 'pickle-opcode-refused'],
    ['a persistent id', 'P1\n.', 'pickle-opcode-refused'],
    ['an extension code', '\x82\x01.', 'pickle-opcode-refused'],
    ['a byte that is no opcode', '\xff.', 'pickle-damaged'],
    ['an unknown protocol', '\x80\x09N.', 'pickle-damaged'],
  ])('with %s is refused', (_, text, code) => {
    expect(codeOf(() => readPickle(asText(text), { file: 'x.pkl' })).code).toBe(code);
  });

  it('that makes an instance of a class is refused', () => {
    expect(codeOf(() => readPickle(bytesOf(fixture.instance), { file: 'x.pkl' })).code).toMatch(
      /^pickle-(opcode|global)-refused$/,
    );
  });

  it('that repeats one array many times costs no more memory than the file, and is refused', () => {
    const array =
      'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(K\x01K\x06tcnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x30' +
      '\0'.repeat(48) +
      'tbq\x09';
    const flat = (count: number): string =>
      'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(M' +
      String.fromCharCode(count % 256, count >> 8) +
      'tcnumpy\ndtype\n(U\x02u1K\x00K\x01tR\x89B' +
      String.fromCharCode(count % 256, count >> 8, 0, 0) +
      '\0'.repeat(count) +
      'tb';
    const count = 20_000;
    const dict =
      '(U\x01X(' +
      array +
      'h\x09'.repeat(count - 1) +
      'lU\x01y' +
      flat(count) +
      'U\x04side' +
      flat(count) +
      'U\x07subject' +
      flat(count) +
      'U\x08X_labels(U\x02axU\x02ayU\x02azU\x02wxU\x02wyU\x02wzlU\x08y_labels(U\x01Ald';
    const object =
      'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01)cnumpy\ndtype\n(U\x02O8K\x00K\x01tR\x89(' +
      dict +
      'ltb.';
    const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }".padEnd(117) + '\n';
    const npy = asText('\x93NUMPY\x01\x00\x76\x00' + header + object);
    const { code, message } = codeOf(() => readWatch(npy, { file: 'x.npy', contentHash: '' }));
    expect(code).toBe('watch-content');
    expect(message).toContain('repeat the same array');
  });
});
