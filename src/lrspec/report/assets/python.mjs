import { applied, constant, OPERATORS, Parser } from "./formula.mjs";
import { floorDivide, FUNCTIONS, logarithm, modulo, passed } from "./functions.mjs";

/**
 * Python's own arithmetic, in which the frameworks compute: what it raises is part of what they do.
 * A number has one type here: a rule that asks whether 4.0 is an integer is told that it is.
 */

/** An exception of Python; its message may be a pattern. */
export class Raised extends Error {
  /** @param {string} type @param {string} message */
  constructor(type, message) {
    super(message);
    this.type = type;
  }

  /** Its type and message, with an ellipsis for what is not known of it. */
  get text() {
    return `${this.type}: ${this.message.replace(/\\d\+|\.\*/g, "…").replace(/\\(.)/g, "$1")}`;
  }
}

/** @param {(a: number, b: number) => number} meaning */
const notByZero = (meaning) => (/** @type {number} */ a, /** @type {number} */ b) => {
  if (b === 0) throw new Raised("ZeroDivisionError", "division by zero");
  return meaning(a, b);
};

/** @param {number} result @param {...number} operands */
function inRange(result, ...operands) {
  if (!Number.isFinite(result) && operands.every(Number.isFinite)) throw new Raised("OverflowError", "the result is too large");
  return result;
}

/** @param {number} a @param {number} b */
function power(a, b) {
  if (a === 0 && b < 0) throw new Raised("ZeroDivisionError", "zero to a negative power");
  if (a < 0 && !Number.isInteger(b)) throw new Raised("TypeError", "a power of a negative number is complex");
  return a === 1 ? 1 : inRange(a ** b, a, b);
}

/** @param {any} a @param {any} b */
const same = (a, b) => (a ?? null) === (b ?? null);

/** @type {import("./formula.mjs").Operators} */
const PYTHON = {
  ...OPERATORS,
  "*": [6, (a, b) => (Array.isArray(a) ? Array(b).fill(a).flat() : a * b)],
  "/": [6, notByZero((a, b) => a / b)],
  "//": [6, notByZero(floorDivide)],
  "%": [6, notByZero(modulo)],
  "**": [8, power],
  is: [4, same],
  "is not": [4, (a, b) => !same(a, b)],
};

/** *meaning* on a part of the numbers. @param {(x: number) => boolean} domain @param {(x: number) => number} meaning */
const within = (domain, meaning) => (/** @type {number} */ x) => {
  if (!domain(x)) throw new Raised("ValueError", "math domain error");
  return meaning(x);
};

/** *meaning*, which gives an integer. @param {(x: number) => number} meaning */
const integer = (meaning) => (/** @type {number} */ x) => {
  if (Number.isNaN(x)) throw new Raised("ValueError", "cannot convert float NaN to integer");
  if (!Number.isFinite(x)) throw new Raised("OverflowError", "cannot convert float infinity to integer");
  return meaning(x);
};

/** @param {any[]} values @param {(a: any, b: any) => boolean} before */
const first = (values, before) => values.reduce((found, value) => (before(value, found) ? value : found));

/** @param {number[]} values @param {(value: number) => boolean} holds */
function index(values, holds) {
  const found = values.findIndex(holds);
  return found < 0 ? values.length : found;
}

/** The products of each function from each start. @type {WeakMap<Function, Map<number, number[]>>} */
const PRODUCTS = new WeakMap();

/** start · factor(1) · … · factor(t), multiplied from the left. @param {(t: number) => number} factor @param {number} start @param {number} t */
function product(factor, start, t) {
  if (!PRODUCTS.has(factor)) PRODUCTS.set(factor, new Map());
  const starts = /** @type {Map<number, number[]>} */ (PRODUCTS.get(factor));
  if (!starts.has(start)) starts.set(start, [start]);
  const known = /** @type {number[]} */ (starts.get(start));
  while (known.length <= t) known.push(known[known.length - 1] * factor(known.length));
  return known[Math.max(t, 0)];
}

const isNumber = (/** @type {any} */ x) => typeof x === "number";

/** What a rule may call, as in `dialect/functions.py`. @type {Record<string, (...given: any[]) => any>} */
export const PYTHON_FUNCTIONS = {
  abs: Math.abs,
  between_steps: (milestones) => [...milestones.keys()].some((m) => !Number.isInteger(m)),
  callable: (x) => typeof x === "function",
  ceil: integer(Math.ceil),
  cos: within(Number.isFinite, Math.cos),
  count: (counter, x) => counter.get(x) ?? 0,
  counter: (values) => values.reduce((/** @type {Map<any, number>} */ counts, /** @type {any} */ x) => counts.set(x, (counts.get(x) ?? 0) + 1), new Map()),
  elements: (counter) => [...counter].flatMap(([x, count]) => Array(count).fill(x)),
  exp: (x) => inRange(Math.exp(x), x),
  first_above: (values, x) => index(values, (value) => x < value),
  first_reached: (values, x) => index(values, (value) => x <= value),
  float: Number,
  floor: integer(Math.floor),
  int: integer(Math.trunc),
  is_float: isNumber,
  is_integer: Number.isInteger,
  is_list: Array.isArray,
  is_number: isNumber,
  len: (values) => values.length,
  list: (values) => [...values],
  logarithm: (x, base) => logarithm(x) / logarithm(base),
  lower: (text) => text.toLowerCase(),
  max: (...values) => first(values.flat(), (a, b) => a > b),
  min: (...values) => first(values.flat(), (a, b) => a < b),
  passed,
  product,
  restart_index: FUNCTIONS.restart_index,
  sorted: (values) => [...values].sort((a, b) => a - b),
};

/** What a formula of a recipe may call in a framework. */
const MATH = {
  ...Object.fromEntries(["abs", "ceil", "cos", "exp", "floor", "max", "min"].map((name) => [name, PYTHON_FUNCTIONS[name]])),
  log: within((x) => x > 0, logarithm),
  log1p: within((x) => x > -1, Math.log1p),
  sin: within(Number.isFinite, Math.sin),
  sqrt: within((x) => x >= 0, Math.sqrt),
};

/** Parses what Python has and the formula language does not: strings, lists, items, `is` and `None`. */
class PythonParser extends Parser {
  /** @param {string} text @param {import("./formula.mjs").Language} language */
  constructor(text, language) {
    super(text, language);
    const reversed = this.rest;
    this.rest = reversed.flatMap((token, at) => {
      if (token === "is" && reversed[at - 1] === "not") return ["is not"];
      return token === "not" && reversed[at + 1] === "is" ? [] : [token];
    });
  }

  /** @param {string | undefined} token @returns {import("./formula.mjs").Compiled} */
  primary(token) {
    let found = this.literal(token) ?? super.primary(token);
    while (this.next === "[") {
      this.rest.pop();
      /** @type {import("./formula.mjs").Compiled} */
      const whole = found;
      const at = this.whole();
      this.take("]");
      found = (values) => whole(values)[at(values)];
    }
    return found;
  }

  /** @param {string | undefined} token */
  literal(token) {
    if (token === "None") return constant(null);
    if (token === "True" || token === "False") return constant(token === "True");
    if (token?.startsWith("'")) return constant(token.slice(1, -1));
    if (token !== "[") return undefined;
    const items = this.items("]");
    return (/** @type {import("./formula.mjs").Values} */ values) => items.map((item) => item(values));
  }
}

/**
 * Return *text* as a function, in Python's arithmetic, of the names that *language* resolves.
 * @param {string} text @param {Omit<import("./formula.mjs").Language, "operators">} language
 */
export const compilePython = (text, language) => new PythonParser(text, { operators: PYTHON, ...language }).parsed();

/**
 * Return the formula *text* as the function of t that a framework is given.
 * @param {string} text @param {Record<string, any>} constants are the values of other names
 * @returns {(t: number) => number}
 */
export function functionOf(text, constants) {
  const compiled = compilePython(text, {
    known: () => ["t", ...Object.keys(constants)],
    name: (name) => {
      if (name === "t") return (values) => values.t;
      return name === "pi" ? constant(Math.PI) : Object.hasOwn(constants, name) ? constant(constants[name]) : undefined;
    },
    call: (name, given) => (Object.hasOwn(MATH, name) ? applied(/** @type {any} */ (MATH)[name], given) : undefined),
  });
  return (t) => compiled({ t });
}
