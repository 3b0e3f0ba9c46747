import { FUNCTIONS, floorDivide, modulo, power } from "./functions.mjs";

/**
 * The formula language: Python's expression syntax, compiled to a function of the names' values.
 * @typedef {Record<string, any>} Values
 * @typedef {(values: Values) => any} Compiled
 */

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|(\*\*|\/\/|[<>=!]=|[-+*/%<>(),]))/y;
const LONGEST = 2000;

/** The binary operators: how tightly each binds, and its meaning on numbers. @type {Record<string, [number, (a: any, b: any) => any]>} */
const OPERATORS = {
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
class Parser {
  /** @param {string} text @param {Set<string>} names */
  constructor(text, names) {
    this.rest = tokens(text).reverse();
    this.names = names;
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
    let left = this.prefix();
    for (let sign = this.next; sign !== undefined && (OPERATORS[sign]?.[0] ?? 0) >= level; sign = this.next) {
      this.rest.pop();
      const [binds, meaning] = OPERATORS[sign];
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
    if (name === "pi") return constant(Math.PI);
    if (!this.names.has(name)) throw new Error(`found the name '${name}', expected one of ${[...this.names].sort().join(", ")} or a number`);
    return (values) => values[name];
  }

  /** @param {string} name @returns {Compiled} */
  call(name) {
    this.take("(");
    /** @type {Compiled[]} */
    const given = [];
    while (this.next !== ")") {
      if (given.length) this.take(",");
      given.push(this.whole());
    }
    this.take(")");
    if (Object.hasOwn(FUNCTIONS, name)) return (values) => FUNCTIONS[name](...given.map((argument) => argument(values)));
    if (!this.names.has(name)) throw new Error(`found a call of ${name}, expected one of ${Object.keys(FUNCTIONS).join(", ")}`);
    return (values) => values[name](given[0](values));
  }
}

/** @param {number} value @returns {Compiled} */
const constant = (value) => () => value;

/** @param {Compiled} operand @returns {Compiled} */
const negative = (operand) => (values) => -operand(values);

/**
 * Return *text* as a function of the values of *names*; throws an `Error` for any other text.
 * @param {string} text @param {Iterable<string>} names @returns {Compiled}
 */
export function compile(text, names) {
  const parser = new Parser(text, new Set(names));
  const compiled = parser.whole();
  if (parser.next !== undefined) throw new Error(`found ${parser.next}, expected the end of the formula`);
  return compiled;
}
