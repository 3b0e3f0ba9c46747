/** The functions and operators of the formula language, with the values that CPython computes. */

/** Python's remainder, which has the sign of the divisor. @param {number} a @param {number} b */
export function modulo(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Python's `//`. @param {number} a @param {number} b */
export const floorDivide = (a, b) => (b === 0 ? a / b : Math.round((a - modulo(a, b)) / b));

/** Python's `**`. @param {number} a @param {number} b */
export const power = (a, b) => (a === 1 ? 1 : a ** b);

/** The rounded product of *a* and *b*, and its error. @param {number} a @param {number} b @returns {[number, number]} */
function product2(a, b) {
  const [p, s, t] = [a * b, a * 134217729, b * 134217729];
  const [ah, bh] = [s - (s - a), t - (t - b)];
  const [al, bl] = [a - ah, b - bh];
  return [p, ah * bh - p + ah * bl + al * bh + al * bl];
}

/** The rounded sum of *a* and *b*, and its error. @param {number} a @param {number} b @returns {[number, number]} */
function sum2(a, b) {
  const s = a + b;
  const c = s - a;
  return [s, a - (s - c) + (b - c)];
}

/** @typedef {[number, number]} Double A number as the sum of two doubles. */

/** @param {Double} a @param {Double} b @returns {Double} */
function add(a, b) {
  const [s, e] = sum2(a[0], b[0]);
  return sum2(s, e + a[1] + b[1]);
}

/** @param {Double} a @param {Double} b @returns {Double} */
function multiply(a, b) {
  const [p, e] = product2(a[0], b[0]);
  return sum2(p, e + a[0] * b[1] + a[1] * b[0]);
}

/** @param {Double} a @param {Double} b @returns {Double} */
function divide(a, b) {
  const q = a[0] / b[0];
  const [p, e] = product2(q, b[0]);
  return sum2(q, (a[0] - p - e + a[1] - q * b[1]) / b[0]);
}

/** @type {Double} */
const LN2 = [0.6931471805599453, 2.3190468138462996e-17];

/**
 * The natural logarithm, correctly rounded: the C library's, and so CPython's, is within a
 * thousandth of it, while browsers' are not.
 * @param {number} x
 */
export function logarithm(x) {
  if (!(x > 0) || x === Infinity || x === 1) return Math.log(x);
  const exponent = Math.round(Math.log2(x));
  const m = x / 2 ** (exponent / 2 | 0) / 2 ** (exponent - (exponent / 2 | 0));
  const f = divide(sum2(m, -1), sum2(m, 1)); // log m = 2 · artanh f
  const square = multiply(f, f);
  /** @type {Double} */
  let series = [0, 0];
  for (let n = 45; n >= 1; n -= 2) series = add(multiply(series, square), divide([1, 0], [n, 0]));
  const [high, low] = multiply(f, series);
  const whole = multiply(LN2, [exponent, 0]);
  const [a, b] = add(whole, [2 * high, 2 * low]);
  return a + b;
}

/** Return how many of the ascending *points* are at most *t*. @param {number[]} points @param {number} t */
export function passed(points, t) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The start of cycle *index*. @param {number} index @param {number} first @param {number} factor */
const restartStart = (index, first, factor) => (factor === 1 ? first * index : (first * (factor ** index - 1)) / (factor - 1));

/** The index of the cycle of step *t*. @param {number} t @param {number} first @param {number} factor */
function restartIndex(t, first, factor) {
  if (factor === 1) return Math.floor(t / first);
  let index = 0;
  while (restartStart(index + 1, first, factor) <= t) index += 1; // the starts grow by powers
  return index;
}

const MOST = 100_000; // landmarks and factors of a product, at most

/** first, first + period, … up to *horizon*. @param {number} first @param {number} period @param {number} horizon */
function every(first, period, horizon) {
  const found = [];
  for (let step = first; step <= horizon && found.length < MOST; step += period) found.push(step);
  return found;
}

/** The restarts up to *horizon*. @param {number} first @param {number} factor @param {number} horizon */
function restarts(first, factor, horizon) {
  const found = [];
  for (let i = 1; restartStart(i, first, factor) <= horizon && found.length < MOST; i++) found.push(restartStart(i, first, factor));
  return found;
}

/** @type {WeakMap<Function, number[]>} */
const PRODUCTS = new WeakMap();

/** factor(1) · … · factor(t). @param {(t: number) => number} factor @param {number} t */
function product(factor, t) {
  const known = PRODUCTS.get(factor) ?? [1];
  PRODUCTS.set(factor, known);
  while (known.length <= t) known.push(known[known.length - 1] * factor(known.length));
  return known[Math.max(Math.floor(t), 0)];
}

/** @type {Record<string, (...given: any[]) => any>} */
export const FUNCTIONS = {
  abs: Math.abs,
  ceil: Math.ceil,
  cos: Math.cos,
  every,
  exp: Math.exp,
  floor: Math.floor,
  increasing: (values) => values.every((/** @type {number} */ v, /** @type {number} */ i) => i === 0 || values[i - 1] <= v),
  length: (values) => values.length,
  log: logarithm,
  log1p: Math.log1p,
  max: Math.max,
  min: Math.min,
  passed,
  pick: (values, index) => values[Math.trunc(index)],
  product,
  restart_index: restartIndex,
  restart_length: (index, first, factor) => first * factor ** index,
  restart_start: restartStart,
  restarts,
  sin: Math.sin,
  sqrt: Math.sqrt,
};
