/**
 * Scans the first value of a JSON text that may be cut off anywhere, and keeps its shape: the keys of objects and the first
 * elements of arrays, no contents. Tolerant where producers are: NaN and None count as scalars, strings may have single
 * quotes as Python writes them. A raw line break inside a string is an error, which tells a broken line from a long string.
 */

/** What a value is; strings and numbers are `scalar`. */
export type Shape = ObjectShape | ArrayShape | 'scalar';
export interface ObjectShape {
  readonly kind: 'object';
  readonly members: Map<string, Shape>;
  /** Whether its end was seen. */
  complete: boolean;
}
export interface ArrayShape {
  readonly kind: 'array';
  readonly elements: Shape[];
  complete: boolean;
}

export function isObject(shape: Shape | undefined): shape is ObjectShape {
  return shape !== undefined && shape !== 'scalar' && shape.kind === 'object';
}

export function isArray(shape: Shape | undefined): shape is ArrayShape {
  return shape !== undefined && shape !== 'scalar' && shape.kind === 'array';
}

export interface Scan {
  /** Shape of the value; undefined where the text holds no value. */
  readonly shape: Shape | undefined;
  /** `complete`: the value ends at `end`. `cut`: the text ends before the value does. `broken`: no JSON from `end` on. */
  readonly state: 'complete' | 'cut' | 'broken';
  /** Offset after the last character understood. */
  readonly end: number;
  /** Whether a line break was seen between the tokens of the value. */
  readonly spansLines: boolean;
  /** Whether a key stands in single quotes, as in a Python dict. */
  readonly singleQuotedKeys: boolean;
}

// results.data[0].review is as deep as a source contract looks; deeper levels are checked for balance alone.
const MAX_SHAPE_DEPTH = 8;
const MAX_ELEMENTS = 20;
const MAX_MEMBERS = 1_000;

const WHITE_SPACE = /\s/;
const SCALAR = /[^\s,:[\]{}"']+/y;
// Python's prefixes of string literals.
const STRING_PREFIX = /^[uUbBrR]{1,2}$/;

type Expectation = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

interface Frame {
  readonly closer: '}' | ']';
  /** Undefined below the deepest level that is kept. */
  readonly shape: ObjectShape | ArrayShape | undefined;
  key: string;
}

class Scanner {
  private at: number;
  private expectation: Expectation = 'value';
  private readonly stack: Frame[] = [];
  private root: Shape | undefined;
  private spansLines = false;
  private singleQuotedKeys = false;

  constructor(
    private readonly text: string,
    start: number,
  ) {
    this.at = start;
  }

  scan(): Scan {
    while (this.at < this.text.length) {
      const character = this.text.charAt(this.at);
      if (WHITE_SPACE.test(character)) {
        this.spansLines ||= character === '\n' && this.stack.length > 0;
        this.at += 1;
      } else {
        const outcome = this.token(character);
        if (outcome !== 'on') {
          return this.result(outcome);
        }
        if (this.stack.length === 0) {
          return this.result('complete');
        }
      }
    }
    return this.result('cut');
  }

  private result(state: Scan['state']): Scan {
    return {
      shape: this.root,
      state,
      end: this.at,
      spansLines: this.spansLines,
      singleQuotedKeys: this.singleQuotedKeys,
    };
  }

  private token(character: string): 'on' | 'cut' | 'broken' {
    switch (character) {
      case '{':
      case '[':
        return this.open(character);
      case '}':
      case ']':
        return this.close(character);
      case ',':
        return this.separator('comma-or-end', this.stack.at(-1)?.closer === '}' ? 'key' : 'value');
      case ':':
        return this.separator('colon', 'value');
      case '"':
      case "'":
        return this.string(character);
      default:
        return this.scalar();
    }
  }

  private open(bracket: '{' | '['): 'on' | 'broken' {
    if (!this.expectsValue()) {
      return 'broken';
    }
    const shape: ObjectShape | ArrayShape =
      bracket === '{'
        ? { kind: 'object', members: new Map(), complete: false }
        : { kind: 'array', elements: [], complete: false };
    const kept = this.stack.length < MAX_SHAPE_DEPTH;
    if (kept) {
      this.keep(shape);
    }
    this.stack.push({ closer: bracket === '{' ? '}' : ']', shape: kept ? shape : undefined, key: '' });
    this.expectation = bracket === '{' ? 'key-or-end' : 'value-or-end';
    this.at += 1;
    return 'on';
  }

  private close(bracket: '}' | ']'): 'on' | 'broken' {
    const frame = this.stack.at(-1);
    const mayEnd = this.expectation === 'comma-or-end' || this.expectation.endsWith('-or-end');
    if (frame?.closer !== bracket || !mayEnd) {
      return 'broken';
    }
    if (frame.shape) {
      frame.shape.complete = true;
    }
    this.stack.pop();
    this.expectation = 'comma-or-end';
    this.at += 1;
    return 'on';
  }

  private separator(expected: Expectation, next: Expectation): 'on' | 'broken' {
    if (this.expectation !== expected) {
      return 'broken';
    }
    this.expectation = next;
    this.at += 1;
    return 'on';
  }

  private string(quote: string): 'on' | 'cut' | 'broken' {
    const isKey = this.expectation === 'key' || this.expectation === 'key-or-end';
    if (!isKey && !this.expectsValue()) {
      return 'broken';
    }
    const start = this.at + 1;
    for (let end = start; end < this.text.length; end += 1) {
      const character = this.text.charAt(end);
      if (character === '\\') {
        end += 1;
      } else if (character === '\n') {
        return 'broken';
      } else if (character === quote) {
        this.at = end + 1;
        if (isKey) {
          this.key(this.text.slice(start, end), quote);
        } else {
          this.value();
        }
        return 'on';
      }
    }
    return 'cut';
  }

  private key(raw: string, quote: string): void {
    const frame = this.stack.at(-1);
    if (frame) {
      frame.key = unescaped(raw, quote);
    }
    this.singleQuotedKeys ||= quote === "'";
    this.expectation = 'colon';
  }

  private scalar(): 'on' | 'broken' {
    SCALAR.lastIndex = this.at;
    const token = SCALAR.exec(this.text)?.[0] ?? '';
    const next = this.text.charAt(this.at + token.length);
    if (STRING_PREFIX.test(token) && (next === '"' || next === "'")) {
      this.at += token.length;
      return 'on';
    }
    if (!this.expectsValue() || token === '') {
      return 'broken';
    }
    this.at += token.length;
    this.value();
    return 'on';
  }

  private value(): void {
    this.keep('scalar');
    this.expectation = 'comma-or-end';
  }

  private expectsValue(): boolean {
    return this.expectation === 'value' || this.expectation === 'value-or-end';
  }

  private keep(shape: Shape): void {
    const frame = this.stack.at(-1);
    if (!frame) {
      this.root = shape;
    } else if (frame.shape?.kind === 'array' && frame.shape.elements.length < MAX_ELEMENTS) {
      frame.shape.elements.push(shape);
    } else if (frame.shape?.kind === 'object' && frame.shape.members.size < MAX_MEMBERS) {
      frame.shape.members.set(frame.key, shape);
    }
  }
}

/** A key as JSON reads it; as it stands where JSON cannot. */
function unescaped(raw: string, quote: string): string {
  if (!raw.includes('\\')) {
    return raw;
  }
  try {
    return JSON.parse(quote === '"' ? `"${raw}"` : `"${raw.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);
  } catch {
    return raw;
  }
}

/** Scans the first value of `text` from offset `start` on. Never throws; takes time linear in the text. */
export function scanValue(text: string, start = 0): Scan {
  return new Scanner(text, start).scan();
}
