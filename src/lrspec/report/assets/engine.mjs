import { compile } from "./formula.mjs";
import { passed } from "./functions.mjs";

/**
 * The rates of a recipe, from the same files of the specification as the engine's.
 * @typedef {Record<string, any>} Recipe
 * @typedef {Record<string, any>} Schedule
 * @typedef {Record<string, Schedule>} Schedules
 * @typedef {(t: number, base: number) => number} Curve
 */

/** @type {Map<string, import("./formula.mjs").Compiled>} */
const COMPILED = new Map();

/** Return the value of the formula *text*. @param {string} text @param {Record<string, any>} values */
export function value(text, values) {
  const names = Object.keys(values);
  const key = `${names.join()} ${text}`;
  if (!COMPILED.has(key)) COMPILED.set(key, compile(text, names));
  return /** @type {any} */ (COMPILED.get(key))(values);
}

/** Whether the values of a parameter are recipes. @param {string} type */
export const nests = (type) => type === "schedule" || type === "schedules";

/** Whether a list gives one value per parameter group. @param {string} type */
export const perGroup = (type) => type === "number" || type === "formula";

/** What is given to the first parameter group. @param {{type: string}} parameter @param {any} given */
export const ofFirstGroup = (parameter, given) => (Array.isArray(given) && perGroup(parameter.type) ? given[0] : given);

/** Every parameter except recipes, with its default. @param {Schedules} schedules @param {Recipe} recipe @param {number} base */
export function valuesOf(schedules, recipe, base) {
  /** @type {Record<string, any>} */
  const values = { base_lr: base };
  for (const [name, parameter] of Object.entries(schedules[recipe.schedule].parameters)) {
    if (nests(parameter.type)) continue;
    const given = ofFirstGroup(parameter, recipe[name]) ?? parameter.default ?? (parameter.default_formula && value(parameter.default_formula, values));
    values[name] = parameter.type === "formula" && typeof given !== "function" ? ofStep(given) : given;
    for (const choice of parameter.choices ?? []) values[`${name}_is_${choice}`] = given === choice;
  }
  return values;
}

/** A formula in t as a function. @param {string} text */
function ofStep(text) {
  const compiled = compile(text, ["t"]);
  return (/** @type {number} */ t) => compiled({ t });
}

/** The recipes that are nested in *recipe*. @param {Schedules} schedules @param {Recipe} recipe @returns {Recipe[]} */
function members(schedules, recipe) {
  const parameters = schedules[recipe.schedule].parameters;
  const names = Object.keys(recipe).filter((name) => parameters[name] && nests(parameters[name].type));
  return names.flatMap((name) => recipe[name]);
}

/**
 * The parts of a composition that runs one part at a time: the recipe of each (null: the schedule's
 * own formula or the base rate), its first step, and the step that is its own step 0.
 * @param {Schedules} schedules @param {Recipe} recipe
 * @returns {{member: Recipe | null, own: boolean, start: number, offset: number}[]}
 */
function segments(schedules, recipe) {
  const { composition, closed } = schedules[recipe.schedule];
  const values = valuesOf(schedules, recipe, 1);
  const local = !composition.time || values[composition.time] === "local";
  const given = [...(closed ? [null] : []), ...members(schedules, recipe)];
  return [0, ...[values[composition.starts]].flat()].map((start, index) => ({
    member: given[index] ?? null,
    own: Boolean(closed) && index === 0,
    start,
    offset: local ? start : 0,
  }));
}

/** Return *recipe* as a function of the step and the base rate. @param {Schedules} schedules @param {Recipe} recipe @returns {Curve} */
export function curve(schedules, recipe) {
  const { composition } = schedules[recipe.schedule];
  if (!composition) return own(schedules, recipe);
  const curves = () => members(schedules, recipe).map((member) => curve(schedules, member));
  if (composition.kind === "chain") {
    const every = curves();
    return (t, base) => every.reduce((rate, each) => each(t, rate), base);
  }
  if (composition.kind === "epochs") {
    const [inner] = curves();
    const stride = valuesOf(schedules, recipe, 1)[composition.stride];
    return (t, base) => inner(Math.floor(t / stride), base);
  }
  const parts = segments(schedules, recipe);
  const starts = parts.map((part) => part.start);
  const each = parts.map((part) => {
    if (part.own) return own(schedules, recipe);
    return part.member ? curve(schedules, part.member) : (/** @type {number} */ _, /** @type {number} */ base) => base;
  });
  return (t, base) => {
    const index = passed(starts, t) - 1;
    return each[index](t - parts[index].offset, base);
  };
}

/** The schedule's own formula, or its state machine. @param {Schedules} schedules @param {Recipe} recipe @returns {Curve} */
function own(schedules, recipe) {
  const schedule = schedules[recipe.schedule];
  if (schedule.machine) return machine(schedules, recipe);
  /** @type {Map<number, Record<string, any>>} */
  const known = new Map();
  const lets = Object.entries(schedule.let ?? {});
  const names = Object.keys(valuesOf(schedules, recipe, 1)).concat("t");
  /** @type {[string, import("./formula.mjs").Compiled][]} */
  const compiled = lets.map(([name, text], index) => [name, compile(text, names.concat(lets.slice(0, index).map(([n]) => n)))]);
  const closed = compile(schedule.closed, names.concat(lets.map(([name]) => name)));
  return (t, base) => {
    let values = known.get(base);
    if (!values) {
      if (known.size > 1000) known.clear(); // a chain gives another base rate at every step
      known.set(base, (values = valuesOf(schedules, recipe, base)));
    }
    values.t = t;
    for (const [name, formula] of compiled) values[name] = formula(values);
    return closed(values);
  };
}

/** A schedule whose rate depends on all earlier steps. @param {Schedules} schedules @param {Recipe} recipe @returns {Curve} */
function machine(schedules, recipe) {
  const { input, state, step } = schedules[recipe.schedule].machine;
  /** @type {Map<number, {rates: number[], values: Record<string, any>}>} */
  const runs = new Map();
  return (t, base) => {
    let run = runs.get(base);
    if (!run) {
      const values = { ...valuesOf(schedules, recipe, base), inf: Infinity };
      const first = Object.fromEntries(Object.entries(state).map(([name, text]) => [name, value(text, values)]));
      runs.set(base, (run = { rates: [base], values: { ...values, ...first, rate: base, metric: 0 } }));
    }
    const metrics = run.values[input];
    while (run.rates.length <= t) {
      run.values.metric = metrics[Math.min(run.rates.length - 1, metrics.length - 1)] ?? NaN;
      for (const [name, text] of step) run.values[name] = value(text, run.values);
      run.rates.push(run.values.rate);
    }
    return run.rates[Math.floor(t)];
  };
}

/**
 * The steps up to *horizon* at which something happens, with what it is.
 * @param {Schedules} schedules @param {Recipe} recipe @param {number} horizon @returns {[number, string][]}
 */
export function landmarks(schedules, recipe, horizon) {
  const { landmarks: declared, composition } = schedules[recipe.schedule];
  /** @type {Record<string, any>} */
  const values = { ...valuesOf(schedules, recipe, 1), t: 0, horizon };
  /** @type {[number, string][]} */
  const found = Object.entries(declared).flatMap(([name, { at }]) =>
    [value(at, values)].flat().map((step) => /** @type {[number, string]} */ ([Math.ceil(step), name])),
  );
  const stride = composition?.stride ? values[composition.stride] : 1;
  const parts =
    composition?.kind === "segments"
      ? segments(schedules, recipe)
      : members(schedules, recipe).map((member) => ({ member, start: 0, offset: 0 }));
  parts.forEach(({ member, start, offset }, index) => {
    const stop = composition?.kind === "segments" ? (parts[index + 1]?.start ?? Infinity) : Infinity;
    if (!member) return;
    for (const [step, name] of landmarks(schedules, member, Math.max(Math.floor((horizon - offset) / stride), 0))) {
      const outer = offset + stride * step;
      if (start < outer && outer < stop) found.push([outer, name]);
    }
  });
  return found.filter(([step]) => step > 0 && step <= horizon).sort((a, b) => a[0] - b[0]);
}

/** How many steps show the whole curve. @param {Schedules} schedules @param {Recipe} recipe @returns {number} */
export function span(schedules, recipe) {
  const schedule = schedules[recipe.schedule];
  /** @type {Record<string, any>} */
  const values = { ...valuesOf(schedules, recipe, 1), t: 0 };
  const mine = schedule.span ? Math.ceil(value(schedule.span, values)) : 0;
  const stride = schedule.composition?.stride ? values[schedule.composition.stride] : 1;
  const parts = schedule.composition?.kind === "segments" ? segments(schedules, recipe) : [];
  const nested = members(schedules, recipe).map((member) => {
    const start = parts.find((part) => part.member === member)?.start ?? 0;
    return start + stride * span(schedules, member);
  });
  return Math.max(mine, ...nested, 1);
}
