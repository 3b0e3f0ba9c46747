import { FUNCTIONS, floorDivide, modulo, power } from "./functions.mjs";

/**
 * The formula language: Python's expression syntax, compiled to a function of the names' values.
 * A `Language` says what its operators, names and calls mean; undefined is what it does not have.
 * @typedef {Record<string, any>} Values
 * @typedef {(values: Values) => any} Compiled
 * @typedef {Record<string, [number, (a: any, b: any) => any]>} Operators
 * @typedef {{operators: Operators, name: (name: string) => Compiled | undefined,
 *   call: (name: string, given: Compiled[]) => Compiled | undefined, known: () => string[]}} Language
 */

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|('[^'\\]*')|(\*\*|\/\/|[<>=!]=|[-+*/%<>(),[\]]))/y;
const LONGEST = 2000;

/** The binary operators: how tightly each binds, and its meaning on numbers. @type {Operators} */
export const OPERATORS = {
  or: [1, () => undefined],
  and: [2, () => undefined],
  "<": [4, (a, b) => a < b],
  "<=": [4, (a, b) => a <= b],
  ">": [4, (a, b) => a > b],
  ">=": [4, (a, b) => a >= b],
  "==": [4, (a, b) => a === b],
  "!=": [4, (a, b) => a !== b],
  "+": [5, (a, b) => a + b],
  "-": [5, (a, b) => a - b],
  "*": [6, (a, b) => a * b],
  "/": [6, (a, b) => a / b],
  "//": [6, floorDivide],
  "%": [6, modulo],
  "**": [8, power],
};
const [NOT, MINUS] = [3, 7];

/** @param {string} text @returns {string[]} */
function tokens(text) {
  if (text.length > LONGEST) throw new Error(`found ${text.length} characters, expected a formula of at most ${LONGEST}`);
  const found = [];
  TOKEN.lastIndex = 0;
  for (let end = text.trimEnd().length; TOKEN.lastIndex < end; ) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`column ${start + 1}: found ${text.slice(start, start + 20)}, expected a formula`);
    found.push(match[0].trim());
  }
  return found;
}

/** Parses one formula by the precedence of its operators. */
export class Parser {
  /** @param {string} text @param {Language} language */
  constructor(text, language) {
    this.rest = tokens(text).reverse();
    this.language = language;
  }

  /** The whole text as a function; throws an `Error` for what is not of the language. @returns {Compiled} */
  parsed() {
    const compiled = this.whole();
    if (this.next !== undefined) throw new Error(`found ${this.next}, expected the end of the formula`);
    return compiled;
  }

  /** @returns {string | undefined} */
  get next() {
    return this.rest.at(-1);
  }

  /** @param {string} expected */
  take(expected) {
    if (this.rest.pop() !== expected) throw new Error(`expected ${expected}`);
  }

  /** `a if c else b`, or what binds tighter. @returns {Compiled} */
  whole() {
    const body = this.operation(1);
    if (this.next !== "if") return body;
    this.rest.pop();
    const test = this.operation(1);
    this.take("else");
    const otherwise = this.whole();
    return (values) => (test(values) ? body(values) : otherwise(values));
  }

  /** Operators that bind at least as tightly as *level*. @param {number} level @returns {Compiled} */
  operation(level) {
    const { operators } = this.language;
    let left = this.prefix();
    for (let sign = this.next; sign !== undefined && (operators[sign]?.[0] ?? 0) >= level; sign = this.next) {
      this.rest.pop();
      const [binds, meaning] = operators[sign];
      const a = left;
      const b = this.operation(sign === "**" ? MINUS : binds + 1); // a power's exponent may have a sign
      if (sign === "and") left = (values) => a(values) && b(values);
      else if (sign === "or") left = (values) => a(values) || b(values);
      else left = (values) => meaning(a(values), b(values));
    }
    return left;
  }

  /** @returns {Compiled} */
  prefix() {
    const token = this.rest.pop();
    if (token === "-") return negative(this.operation(MINUS));
    if (token === "+") return this.operation(MINUS);
    if (token === "not") {
      const operand = this.operation(NOT);
      return (values) => !operand(values);
    }
    return this.primary(token);
  }

  /** @param {string | undefined} token @returns {Compiled} */
  primary(token) {
    if (token === "(") {
      const inner = this.whole();
      this.take(")");
      return inner;
    }
    if (token !== undefined && /^[\d.]/.test(token)) return constant(Number(token));
    if (token === undefined || !/^\w/.test(token)) throw new Error(`found ${token ?? "the end"}, expected a number or a name`);
    return this.next === "(" ? this.call(token) : this.name(token);
  }

  /** @param {string} name @returns {Compiled} */
  name(name) {
    const found = this.language.name(name);
    if (!found) throw new Error(`found the name '${name}', expected one of ${this.language.known().sort().join(", ")} or a number`);
    return found;
  }

  /** @param {string} name @returns {Compiled} */
  call(name) {
    this.take("(");
    const found = this.language.call(name, this.items(")"));
    if (!found) throw new Error(`found a call of ${name}, expected one of ${Object.keys(FUNCTIONS).join(", ")}`);
    return found;
  }

  /** The formulas up to *end*. @param {string} end @returns {Compiled[]} */
  items(end) {
    const found = [];
    while (this.next !== end) {
      if (found.length) this.take(",");
      found.push(this.whole());
    }
    this.take(end);
    return found;
  }
}

/** @param {any} value @returns {Compiled} */
export const constant = (value) => () => value;

/** @param {Compiled} operand @returns {Compiled} */
const negative = (operand) => (values) => -operand(values);

/** *meaning* of the values of *given*. @param {(...given: any[]) => any} meaning @param {Compiled[]} given @returns {Compiled} */
export function applied(meaning, given) {
  const [a, b] = given;
  if (given.length === 1) return (values) => meaning(a(values));
  if (given.length === 2) return (values) => meaning(a(values), b(values));
  return (values) => meaning(...given.map((one) => one(values)));
}

/** The specification's language, over *names*. @param {Set<string>} names @returns {Language} */
function specification(names) {
  return {
    operators: OPERATORS,
    known: () => [...names],
    name: (name) => (name === "pi" ? constant(Math.PI) : names.has(name) ? (values) => values[name] : undefined),
    call: (name, given) => {
      if (Object.hasOwn(FUNCTIONS, name)) return applied(FUNCTIONS[name], given);
      return names.has(name) ? (values) => values[name](given[0](values)) : undefined;
    },
  };
}

/**
 * Return *text* as a function of the values of *names*; throws an `Error` for any other text.
 * @param {string} text @param {Iterable<string>} names @returns {Compiled}
 */
export const compile = (text, names) => new Parser(text, specification(new Set(names))).parsed();
