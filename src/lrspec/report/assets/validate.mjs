import { compile } from "./formula.mjs";
import { curve, nests, perGroup, valuesOf } from "./engine.mjs";

/** The JSON type of each type of parameter, and what a message calls one value and several. @type {Record<string, string[]>} */
const TYPES = {
  integer: ["integer", "a whole number"],
  number: ["number", "a number"],
  boolean: ["boolean", "true or false"],
  choice: ["string", "one of"],
  formula: ["string", "a formula of t in a string"],
  integers: ["integer", "a whole number", "whole numbers"],
  numbers: ["number", "a number", "numbers"],
  metrics: ["number", "a number or null", "numbers or nulls"],
  schedule: ["object", "an object, a nested recipe"],
  schedules: ["object", "an object, a nested recipe", "nested recipes"],
};
/** @type {Record<string, [string, (value: number, limit: number) => boolean]>} */
const BOUNDS = {
  minimum: ["of at least", (v, limit) => v >= limit],
  maximum: ["of at most", (v, limit) => v <= limit],
  exclusiveMinimum: ["above", (v, limit) => v > limit],
  exclusiveMaximum: ["below", (v, limit) => v < limit],
};
const BASE_LR = { type: "number", exclusiveMinimum: 0, more: ", or a list of them" };
const DEEPEST = 32;
const MOST_GROUPS = 1000;

/** @param {any} v @param {string} type */
function is(v, type) {
  if (type === "object") return typeof v === "object" && v !== null && !Array.isArray(v);
  return type === "integer" ? Number.isInteger(v) && v <= 2 ** 53 : typeof v === type && (type !== "number" || Number.isFinite(v));
}

/** @param {any} v @returns {string} */
function shown(v) {
  if (is(v, "object")) return "an object";
  if (typeof v === "string" && v.trim() !== "" && Number.isFinite(Number(v))) return `the string "${v}" (a number has no quotes)`;
  if (!Array.isArray(v)) return JSON.stringify(v);
  return v.length > 4 ? `a list of ${v.length} items` : `[${v.map(shown).join(", ")}]`;
}

/** @param {string} place @param {any} found @param {string} expected @returns {never} */
function reject(place, found, expected) {
  throw new Error(`${place}: found ${shown(found)}, expected ${expected}`);
}

/** Throw an `Error` with the JSON path, as the command line's message, unless *v* is a valid value. @param {any} schedules @param {any} parameter @param {any} v @param {string} place @param {number} depth */
function check(schedules, parameter, v, place, depth) {
  const [json, noun, plural] = TYPES[parameter.type];
  const bounds = Object.entries(BOUNDS).filter(([bound]) => bound in parameter);
  const limits = bounds.map(([bound, [words]]) => `${words} ${parameter[bound]}`).join(" and ");
  const words = (/** @type {string} */ name) => [name, limits, (parameter.choices ?? []).join(", ")].filter(Boolean).join(" ");
  const single = is(v, json) ? `, such as [${shown(v)}]` : "";
  if (plural && !Array.isArray(v)) reject(place, v, `a list of ${words(plural)}${single}`);
  const several = plural || (Array.isArray(v) && perGroup(parameter.type) && v.length > 0 && v.length <= MOST_GROUPS);
  for (const [index, item] of several ? v.entries() : [[-1, v]]) {
    const here = several ? `${place}[${index}]` : place;
    if (item === null && parameter.type === "metrics") continue;
    const fits = is(item, json) && (!parameter.choices || parameter.choices.includes(item));
    if (!fits || !bounds.every(([bound, [, holds]]) => holds(item, parameter[bound]))) reject(here, item, words(noun) + (parameter.more ?? ""));
    if (nests(parameter.type)) validate(schedules, item, here, depth + 1);
  }
  if (parameter.type === "formula") {
    try {
      for (const text of [v].flat()) compile(text, ["t"]);
    } catch (error) {
      throw new Error(`${place}: ${error.message}`, { cause: error });
    }
  }
}

/** Throw an `Error` that names the JSON path of what is wrong unless *recipe* is a recipe. @param {any} schedules @param {any} recipe */
export function validate(schedules, recipe, place = "$", depth = 0) {
  if (depth > DEEPEST) throw new Error(`$: found deeper nesting, expected at most ${DEEPEST} levels of schedules`);
  if (!is(recipe, "object")) reject(place, recipe, "an object with a schedule and its parameters");
  if (recipe.schedule === undefined) throw new Error(`${place}.schedule: \`schedule\` is required (the kind of curve, such as cosine_annealing)`);
  const known = Object.keys(schedules);
  if (!known.includes(recipe.schedule)) throw new Error(`${place}.schedule: unknown schedule ${shown(recipe.schedule)}; expected one of ${known.join(", ")}`);
  const schedule = schedules[recipe.schedule];
  if (depth > 0 && schedule.nests === false) throw new Error(`${place}.schedule: found ${recipe.schedule}, expected a schedule that can be part of another`);
  const outermost = ["about", "base_lr", "dialect"];
  for (const name of Object.keys(recipe)) {
    if (name === "schedule" || (depth === 0 && outermost.includes(name)) || Object.hasOwn(schedule.parameters, name)) continue;
    if (name === "base_lr") throw new Error(`${place}.base_lr: only the outermost recipe has \`base_lr\``);
    throw new Error(`${place}.${name.slice(0, 40)}: unknown parameter \`${name.slice(0, 40)}\`; ${recipe.schedule} takes ${Object.keys(schedule.parameters).join(", ") || "no parameters"}`);
  }
  if (recipe.base_lr !== undefined) [recipe.base_lr].flat().forEach((rate) => check(schedules, BASE_LR, rate, `${place}.base_lr`, depth));
  for (const [name, parameter] of Object.entries(schedule.parameters)) {
    const required = parameter.default === undefined && !parameter.default_formula && !parameter.optional;
    if (recipe[name] !== undefined) check(schedules, parameter, recipe[name], `${place}.${name}`, depth);
    else if (required) throw new Error(`${place}.${name}: \`${name}\` is required (${parameter.meaning})`);
  }
  const values = { ...valuesOf(schedules, recipe, 1), ...recipe, t: 0 };
  for (const { formula, parameter, expected } of schedule.constraints ?? []) {
    if (!compile(formula, Object.keys(values))(values)) reject(`${place}.${parameter}`, recipe[parameter], expected);
  }
}

/**
 * Return the rates of the first group at *steps*; throws an `Error` where one is not finite.
 * @param {any} schedules @param {any} recipe @param {number[]} steps
 */
export function rates(schedules, recipe, steps) {
  const of = curve(schedules, recipe);
  const base = [recipe.base_lr ?? 1].flat()[0];
  return steps.map((t) => {
    const rate = of(t, base);
    if (!Number.isFinite(rate)) throw new Error(`$: found no finite rate at step ${t}, expected a finite rate at every step`);
    return rate;
  });
}
