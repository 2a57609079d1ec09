import { InputError } from '@kinetune/study';
import { buildPickleState, callPickleGlobal, findPickleGlobal, isGlobal } from './pickle-globals.ts';
import { PickleInput } from './pickle-input.ts';
import {
  floatLiteral,
  integerLiteral,
  littleEndian,
  plainInteger,
  pythonBytesLiteral,
  rawUnicode,
} from './pickle-literals.ts';
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
  let opAt = options.start ?? 0;
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

  const input = new PickleInput(bytes, opAt, damaged);
  const line = (): string => input.line();

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

  for (;;) {
    opAt = input.position;
    const op = String.fromCharCode(input.uint8());
    switch (op) {
      case '\x80': {
        const protocol = input.uint8();
        if (protocol > 5) throw damaged(`pickle protocol ${protocol}, where 0 to 5 are known`);
        break;
      }
      case '\x95': // FRAME: a hint for reading ahead
        if (input.uint64() > input.remaining) throw damaged('a frame longer than the file');
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
        stack.push(guarded(() => integerLiteral(line())));
        break;
      case 'J':
        stack.push(input.int32());
        break;
      case 'K':
        stack.push(input.uint8());
        break;
      case 'M':
        stack.push(input.uint16());
        break;
      case '\x8a':
        stack.push(plainInteger(littleEndian(input.take(input.uint8()))));
        break;
      case '\x8b': {
        const length = input.int32();
        if (length > 1024) throw damaged(`an integer of ${length} bytes`);
        stack.push(plainInteger(littleEndian(input.take(length))));
        break;
      }
      case 'F':
        stack.push(guarded(() => floatLiteral(line())));
        break;
      case 'G':
        stack.push(input.float64());
        break;
      case 'S':
        stack.push(guarded(() => pythonBytesLiteral(line())));
        break;
      case 'T':
        stack.push(input.take(input.int32()));
        break;
      case 'U':
        stack.push(input.take(input.uint8()));
        break;
      case 'B':
        stack.push(input.take(input.uint32()));
        break;
      case 'C':
        stack.push(input.take(input.uint8()));
        break;
      case '\x8e':
      case '\x96':
        stack.push(input.take(input.uint64()));
        break;
      case 'V':
        stack.push(new PickleText(Buffer.from(rawUnicode(line()), 'utf8')));
        break;
      case 'X':
        stack.push(new PickleText(input.take(input.uint32())));
        break;
      case '\x8c':
        stack.push(new PickleText(input.take(input.uint8())));
        break;
      case '\x8d':
        stack.push(new PickleText(input.take(input.uint64())));
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
        recall(input.uint8());
        break;
      case 'j':
        recall(input.uint32());
        break;
      case 'p':
        memo.set(Number(line()), top());
        break;
      case 'q':
        memo.set(input.uint8(), top());
        break;
      case 'r':
        memo.set(input.uint32(), top());
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
