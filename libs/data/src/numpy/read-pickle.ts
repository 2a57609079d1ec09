import { InputError } from '@kinetune/study';
import { buildPickleState, callPickleGlobal, findPickleGlobal, isGlobal } from './pickle-globals.ts';
import { PickleText, PickleTuple, pickleString } from './pickle-values.ts';

/**
 * Reads a Python pickle (protocols 0 to 5) that holds plain values and numpy arrays, and nothing that could run code: only
 * the globals of `pickle-globals.ts` are known, none of them calls anything, persistent ids, extension codes, class
 * instances and out-of-band buffers are refused. Every length is bounded by the bytes that remain; nothing recurses; memory
 * stays within a small multiple of the file. Dicts come as a Map from strings (text and byte strings alike).
 * Opcodes: CPython `Lib/pickletools.py`.
 * @param start offset of the pickle in `bytes`, so that errors name offsets in the file
 * @throws InputError `pickle-global-refused`, `pickle-opcode-refused`, `pickle-damaged`, naming file and byte offset
 */
export function readPickle(bytes: Uint8Array, options: { readonly file: string; readonly start?: number }): unknown {
  const { file } = options;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = options.start ?? 0;
  let opAt = at;
  const stack: unknown[] = [];
  const marks: number[] = [];
  const memo = new Map<number, unknown>();

  const damaged = (what: string): InputError =>
    new InputError(
      'pickle-damaged',
      `byte ${opAt}: expected a whole pickle of numpy arrays, got ${what}. Fetch the file again.`,
      { file },
    );
  const refusedOpcode = (what: string): InputError =>
    new InputError(
      'pickle-opcode-refused',
      `byte ${opAt}: expected plain values and numpy arrays, got ${what}, which can run code. Do not load this file in Python either.`,
      { file },
    );

  const take = (length: number): Uint8Array => {
    if (!(length >= 0) || length > bytes.length - at)
      throw damaged(`a length of ${length} where ${bytes.length - at} bytes remain`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const advance = (length: number): number => {
    take(length);
    return at - length;
  };
  const uint8 = (): number => view.getUint8(advance(1));
  const uint32 = (): number => view.getUint32(advance(4), true);
  const uint64 = (): number => {
    const value = view.getBigUint64(advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`a length of ${value} bytes`);
    return Number(value);
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw damaged('a line without an end');
    const text = Buffer.from(take(end - at)).toString('latin1');
    at++;
    return text;
  };
  const pop = (): unknown => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw damaged('an opcode whose argument is missing from the stack');
    return stack.pop();
  };
  const popMark = (): unknown[] => {
    const mark = marks.pop();
    if (mark === undefined) throw damaged('an opcode whose mark is missing');
    return stack.splice(mark);
  };
  const top = (): unknown => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw damaged('an opcode whose object is missing from the stack');
    return stack.at(-1);
  };
  const recall = (index: number): void => {
    if (!memo.has(index)) throw damaged(`a memo entry ${index} that was never stored`);
    stack.push(memo.get(index));
  };
  const append = (items: readonly unknown[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw damaged('items for something that is no list');
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly unknown[]): void => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw damaged('items for something that is no dict');
    for (let i = 0; i < items.length; i += 2) {
      const key = typeof items[i] === 'number' ? String(items[i]) : pickleString(items[i]);
      if (key === undefined) throw damaged('a dict key that is neither text nor a number');
      dict.set(key, items[i + 1]);
    }
  };
  const pushGlobal = (module: string, name: string): void => {
    const found = findPickleGlobal(module, name);
    if (found === undefined) {
      throw new InputError(
        'pickle-global-refused',
        `byte ${opAt}: the pickle names the global ${module}.${name}. Expected only numpy arrays and what they are built of; anything else can run code. Do not load this file in Python either.`,
        { file },
      );
    }
    stack.push(found);
  };
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error));
    }
  };
  const integer = (text: string): unknown => {
    if (text === '00' || text === '01') return text === '01';
    const digits = text.replace(/L$/, '');
    if (!/^[+-]?\d{1,400}$/.test(digits)) throw damaged(`an integer "${digits.slice(0, 20)}"`);
    return plainInteger(BigInt(digits));
  };

  for (;;) {
    opAt = at;
    const op = String.fromCharCode(uint8());
    switch (op) {
      case '\x80': {
        const protocol = uint8();
        if (protocol > 5) throw damaged(`pickle protocol ${protocol}, where 0 to 5 are known`);
        break;
      }
      case '\x95': // FRAME: a hint for reading ahead
        if (uint64() > bytes.length - at) throw damaged('a frame longer than the file');
        break;
      case '.': {
        const value = pop();
        if (stack.length > 0 || marks.length > 0) throw damaged('values left over at its end');
        return value;
      }
      case '(':
        marks.push(stack.length);
        break;
      case '0': // POP takes a mark too, as in Python
        if (stack.length === (marks.at(-1) ?? -1)) marks.pop();
        else pop();
        break;
      case '1':
        popMark();
        break;
      case '2':
        stack.push(top());
        break;
      case 'N':
        stack.push(null);
        break;
      case '\x88':
        stack.push(true);
        break;
      case '\x89':
        stack.push(false);
        break;
      case 'I':
      case 'L':
        stack.push(integer(line()));
        break;
      case 'J':
        stack.push(view.getInt32(advance(4), true));
        break;
      case 'K':
        stack.push(uint8());
        break;
      case 'M':
        stack.push(view.getUint16(advance(2), true));
        break;
      case '\x8a':
        stack.push(plainInteger(littleEndian(take(uint8()))));
        break;
      case '\x8b': {
        const length = view.getInt32(advance(4), true);
        if (length > 1024) throw damaged(`an integer of ${length} bytes`);
        stack.push(plainInteger(littleEndian(take(length))));
        break;
      }
      case 'F': {
        const text = line();
        const value = text === 'nan' ? NaN : Number(text.replace('inf', 'Infinity'));
        if (Number.isNaN(value) && text !== 'nan') throw damaged(`a float "${text.slice(0, 20)}"`);
        stack.push(value);
        break;
      }
      case 'G':
        stack.push(view.getFloat64(advance(8), false));
        break;
      case 'S':
        stack.push(guarded(() => pythonBytesLiteral(line())));
        break;
      case 'T':
        stack.push(take(view.getInt32(advance(4), true)));
        break;
      case 'U':
        stack.push(take(uint8()));
        break;
      case 'B':
        stack.push(take(uint32()));
        break;
      case 'C':
        stack.push(take(uint8()));
        break;
      case '\x8e':
      case '\x96':
        stack.push(take(uint64()));
        break;
      case 'V':
        stack.push(new PickleText(Buffer.from(rawUnicode(line()), 'utf8')));
        break;
      case 'X':
        stack.push(new PickleText(take(uint32())));
        break;
      case '\x8c':
        stack.push(new PickleText(take(uint8())));
        break;
      case '\x8d':
        stack.push(new PickleText(take(uint64())));
        break;
      case ']':
        stack.push([]);
        break;
      case '}':
        stack.push(new Map<string, unknown>());
        break;
      case ')':
        stack.push(new PickleTuple([]));
        break;
      case 'l':
        stack.push(popMark());
        break;
      case 't':
        stack.push(new PickleTuple(popMark()));
        break;
      case 'd': {
        const items = popMark();
        stack.push(new Map<string, unknown>());
        setItems(items);
        break;
      }
      case '\x85':
        stack.push(new PickleTuple([pop()]));
        break;
      case '\x86': {
        const second = pop();
        stack.push(new PickleTuple([pop(), second]));
        break;
      }
      case '\x87': {
        const third = pop();
        const second = pop();
        stack.push(new PickleTuple([pop(), second, third]));
        break;
      }
      case 'a':
        append([pop()]);
        break;
      case 'e':
        append(popMark());
        break;
      case 's': {
        const value = pop();
        setItems([pop(), value]);
        break;
      }
      case 'u':
        setItems(popMark());
        break;
      case 'g':
        recall(Number(line()));
        break;
      case 'h':
        recall(uint8());
        break;
      case 'j':
        recall(uint32());
        break;
      case 'p':
        memo.set(Number(line()), top());
        break;
      case 'q':
        memo.set(uint8(), top());
        break;
      case 'r':
        memo.set(uint32(), top());
        break;
      case '\x94':
        memo.set(memo.size, top());
        break;
      case 'c': {
        const module = line();
        pushGlobal(module, line());
        break;
      }
      case '\x93': {
        const name = pop();
        const module = pop();
        if (!(name instanceof PickleText) || !(module instanceof PickleText))
          throw damaged('a global whose name is no text');
        pushGlobal(module.toString(), name.toString());
        break;
      }
      case 'R': {
        const args = pop();
        const callee = pop();
        if (!isGlobal(callee) || !(args instanceof PickleTuple))
          throw damaged('a call of something that is no known global');
        stack.push(guarded(() => callPickleGlobal(callee, args.items)));
        break;
      }
      case 'b': {
        const state = pop();
        const target = top();
        guarded(() => buildPickleState(target, state));
        break;
      }
      case 'i':
        throw refusedOpcode('INST, an instance of a class');
      case 'o':
        throw refusedOpcode('OBJ, an instance of a class');
      case '\x81':
      case '\x92':
        throw refusedOpcode('NEWOBJ, an instance of a class');
      case 'P':
      case 'Q':
        throw refusedOpcode('a persistent id');
      case '\x82':
      case '\x83':
      case '\x84':
        throw refusedOpcode('an extension code');
      case '\x97':
      case '\x98':
        throw damaged('a buffer that lies outside of the file');
      case '\x8f':
      case '\x90':
      case '\x91':
        throw damaged('a set, which no array needs');
      default:
        throw damaged(`the byte 0x${op.charCodeAt(0).toString(16).padStart(2, '0')}, which is no opcode`);
    }
  }
}

function plainInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** Two's complement of any length, as Python writes its long integers. */
function littleEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`));
}

/** A protocol-0 string: Python 2's repr of a byte string. */
function pythonBytesLiteral(text: string): Uint8Array {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote))
    throw new Error('a string without quotes');
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };
  const plain = text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (whole, escape: string) => {
    if (escape.startsWith('x') && escape.length === 3) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return named[escape] ?? whole;
  });
  return Buffer.from(plain, 'latin1');
}

/** A protocol-0 text: raw-unicode-escape. */
function rawUnicode(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
