import { nests } from "./engine.mjs";

/**
 * The difference of two curves, as `verdict/compare.py` measures it.
 * @typedef {{rounding: number, divergence: number, ulp: number}} Tolerance
 * @typedef {{first: number | null, count: number, size: number, common: number}} Difference
 *   `first` is the first step with an error beyond rounding, of `count`; `size` is the largest error
 *   relative to the peak of the first curve; `common` is the number of steps that were compared.
 * @typedef {{steps?: number[], rates: ArrayLike<number>}} Sampled Rates at `steps`, by default 0, 1, 2, …
 */

/** The distance from *x* to the next number. @param {number} x @param {number} digits in the significand, in bits */
function spacing(x, digits) {
  const exponent = x === 0 ? -1022 : Math.max(Math.floor(Math.log2(Math.abs(x))), -1022);
  return 2 ** (exponent - digits);
}

/** The largest rate that a formula of *recipe* may have as an operand. @param {any} schedules @param {any} recipe @returns {number} */
export function largestRate(schedules, recipe) {
  const sizes = [recipe.base_lr ?? 0].flat().map(Math.abs);
  for (const [name, parameter] of Object.entries(schedules[recipe.schedule].parameters)) {
    const given = recipe[name];
    if (given === undefined) continue;
    if (nests(parameter.type)) sizes.push(...[given].flat().map((/** @type {any} */ member) => largestRate(schedules, member)));
    else if (parameter.unit === "rate") sizes.push(...[given].flat().map(Math.abs));
  }
  return Math.max(0, ...sizes);
}

/**
 * Compare *b* with *a* at the steps that both have.
 * @param {Sampled} a @param {Sampled} b @param {Record<string, Tolerance>} tolerances @param {string} precision
 * @param {number} [largest] is the largest operand of the formula of *a*, by default its peak
 * @returns {Difference}
 */
export function compare(a, b, tolerances, precision, largest) {
  const { rounding, ulp } = tolerances[precision];
  const other = b.steps && new Map(b.steps.map((step, index) => [step, b.rates[index]]));
  const at = (/** @type {number} */ step) => (other ? other.get(step) : b.rates[step]);
  let [peak, worst, first, count, common] = [0, 0, /** @type {number | null} */ (null), 0, 0];
  let whole = 0;
  for (let i = 0; i < a.rates.length; i++) whole = Math.max(whole, Math.abs(a.rates[i]) || 0);
  const allowed = ulp * spacing(largest ?? whole, precision === "float32" ? 23 : 52);
  for (let i = 0; i < a.rates.length; i++) {
    const step = a.steps ? a.steps[i] : i;
    const [one, two] = [a.rates[i], at(step)];
    if (two === undefined) continue;
    common += 1;
    peak = Math.max(peak, Math.abs(one) || 0);
    const error = Number.isNaN(one) && Number.isNaN(two) ? 0 : Math.abs(two - one);
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
    if (error <= rounding * peak + allowed) continue;
    first ??= step;
    count += 1;
  }
  return { first, count, size: worst / (peak || 1), common };
}
