import { compare, largestRate } from "./compare.mjs";
import { landmarks, span } from "./engine.mjs";

/**
 * A pasted recipe, with what the page computes of it: a plain run on every side, up to the end of the
 * schedule (`once`) and beyond it (`past`).
 */

const SPECIFICATION = "specification";
const LONGEST = 20_000;
const MOST_POINTS = 3000;

/**
 * @param {any} data @param {import("./curves.mjs").Curves} curves @param {any} recipe is valid
 * @returns {import("./data.mjs").Subject}
 */
export function pasted(data, curves, recipe) {
  const once = Math.min(span(data.schedules, recipe), LONGEST);
  const past = Math.min(2 * once + 5, LONGEST);
  const found = Object.fromEntries([SPECIFICATION, ...Object.keys(data.backends)].map((side) => [side, curves.of(recipe, side)]));
  for (const curve of Object.values(found)) curve.advance(past);
  const able = Object.entries(found).filter(([, curve]) => curve.unsupported === undefined);
  const marks = landmarks(data.schedules, recipe, past - 1).slice(0, 12);
  const stride = Math.ceil(past / MOST_POINTS);
  const beside = marks.flatMap(([step]) => [step - 1, step]);
  const t = [...new Set([...Array.from({ length: Math.ceil(past / stride) }, (_, i) => i * stride), ...beside, past - 1])].sort((a, b) => a - b);
  const largest = largestRate(data.schedules, recipe);
  /** @type {Record<string, import("./data.mjs").Bite[]>} */
  const bites = {};
  for (const [a, one] of able) for (const [b, two] of able) if (a !== b) bites[`${a}>${b}`] = [["once", once], ["past", past]].flatMap(([situation, steps]) => bite(data, String(situation), [one, two], Number(steps), [a, b], largest));
  const departs = (/** @type {string} */ mode) => (bites[`${SPECIFICATION}>${mode}`] ?? []).length > 0 && found[mode].rates.length >= once;
  return {
    id: "pasted",
    title: `pasted ${recipe.schedule}`,
    published: false,
    steps: once,
    recipe,
    unsupported: Object.fromEntries(Object.entries(found).flatMap(([side, { unsupported }]) => (unsupported === undefined ? [] : [[side, unsupported]]))),
    bites,
    departing: Object.keys(data.frameworks).filter(departs),
    code: {},
    curves: { t, end: once, marks, lines: Object.fromEntries(able.map(([side, { rates }]) => [side, t.map((step) => rates[step] ?? NaN)])) },
  };
}

/**
 * The difference of two curves in their first *steps* updates, none if there is none.
 * @param {any} data @param {string} situation @param {import("./curves.mjs").Curve[]} both @param {number} steps
 * @param {string[]} sides @param {number} largest @returns {import("./data.mjs").Bite[]}
 */
function bite(data, situation, [one, two], steps, sides, largest) {
  const precision = sides.some((side) => data.precisions[side] === "float32") ? "float32" : "float64";
  const [a, b] = [one.rates.slice(0, steps), two.rates.slice(0, steps)];
  const found = compare({ rates: a }, { rates: b }, data.tolerances, precision, largest);
  const error = b.length < a.length ? two.error : "";
  if (found.first === null && !error) return [];
  const first = found.first ?? b.length;
  const takes = (/** @type {import("./curves.mjs").Curve} */ of, /** @type {string} */ id) => (of.departures[id] ?? Infinity) <= first;
  const causes = [two, one].flatMap((of) => Object.keys(data.departures).filter((id) => takes(of, id)));
  return [{ situation, scenario: "", first, count: found.count, causes: [...new Set(causes)], ...(error ? { error } : {}), ...(found.first === null ? {} : { size: found.size }) }];
}
