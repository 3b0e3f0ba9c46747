import { at, differing, element, shape } from "./answer.mjs";
import { draw } from "./chart.mjs";
import { compare, largestRate } from "./compare.mjs";
import { percent } from "./data.mjs";
import { landmarks } from "./engine.mjs";
import { rates } from "./validate.mjs";

/**
 * What the explorer shows of its recipes and logs: the curves, what each framework does with the
 * chosen recipe, and the difference of any two curves.
 * @typedef {{recipes: any[], active: number, valid: boolean[], steps: number, sides: string[], logarithmic: boolean,
 *   logs: {name: string, log: import("./log.mjs").RateLog}[], a: string, b: string}} Shown
 */

const SPECIFICATION = "specification";
const MOST_POINTS = 4000;
/** How long the page computes before it answers to its user again, in milliseconds. */
const SLICE = 40;
const REDRAWN = 400;

export class Overlay {
  /** @param {any} data @param {import("./curves.mjs").Curves} curves */
  constructor(data, curves) {
    this.data = data;
    this.curves = curves;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Shown} */
    this.shown = { recipes: [], active: 0, valid: [], steps: 0, sides: [], logarithmic: false, logs: [], a: "", b: "" };
  }

  /** Show *shown*; long runs are completed later. @param {Shown} shown */
  show(shown) {
    clearTimeout(this.timer);
    this.shown = shown;
    const done = this.advance(performance.now() + SLICE);
    this.draw(done);
    if (!done) this.timer = setTimeout(() => this.continue(performance.now()), 0);
  }

  /** @param {number} drawn is when the curves were drawn last */
  continue(drawn) {
    const done = this.advance(performance.now() + SLICE);
    const due = done || performance.now() - drawn > REDRAWN;
    if (due) this.draw(done);
    if (!done) this.timer = setTimeout(() => this.continue(due ? performance.now() : drawn), 0);
  }

  /** Every curve that is needed in full. */
  needed() {
    const { recipes, active, valid, sides } = this.shown;
    const found = valid[active] ? [SPECIFICATION, ...sides].map((side) => this.curves.of(recipes[active], side)) : [];
    for (const key of [this.shown.a, this.shown.b]) {
      const [index, side] = key.split(":");
      if (index !== "log" && valid[Number(index)]) found.push(this.curves.of(recipes[Number(index)], side));
    }
    return found;
  }

  /** Compute until *deadline*; whether all is computed. @param {number} deadline */
  advance(deadline) {
    return this.needed().map((curve) => curve.advance(this.shown.steps, deadline)).every(Boolean);
  }

  /** @param {boolean} done */
  draw(done) {
    this.plot();
    this.verdicts();
    this.compare(done);
  }

  plot() {
    const { recipes, active, valid, steps, sides, logs, logarithmic } = this.shown;
    const marks = valid[active] ? landmarks(this.data.schedules, recipes[active], steps - 1).slice(0, 40) : [];
    const t = sampled(steps, marks, logs.flatMap(({ log }) => log.steps));
    const shown = (/** @type {number | undefined} */ rate) => (rate === undefined || !Number.isFinite(rate) || (logarithmic && rate <= 0) ? null : rate);
    const lines = [];
    if (valid[active]) {
      for (const side of sides) {
        const curve = this.curves.of(recipes[active], side);
        if (curve.rates.length) lines.push({ name: side, title: this.data.sides[side], values: t.map((step) => shown(curve.rates[step])) });
      }
    }
    recipes.forEach((/** @type {any} */ recipe, /** @type {number} */ index) => {
      if (!valid[index]) return;
      try {
        lines.push({ name: `recipe-${index}`, title: `${index + 1} ${recipe.schedule}: the specification`, values: rates(this.data.schedules, recipe, t).map(shown) });
      } catch (error) {
        at("explorer-error").textContent = error.message;
      }
    });
    logs.forEach(({ name, log }, /** @type {number} */ index) => {
      const logged = new Map(log.steps.map((/** @type {number} */ step, /** @type {any} */ i) => [step, log.rates[i]]));
      lines.push({ name: `log-${index}`, title: name, values: t.map((step) => shown(logged.get(step))) });
    });
    draw(at("explorer-plot"), t, lines, { scale: logarithmic ? "log" : "linear", height: 340, marks });
  }

  /** Say which frameworks give the specified curve of the chosen recipe, and which do not. */
  verdicts() {
    const { recipes, active, valid, sides, steps } = this.shown;
    const rows = at("explorer-verdicts");
    at("explorer-table").hidden = !valid[active] || !sides.length;
    if (!valid[active]) return rows.replaceChildren();
    const recipe = recipes[active];
    rows.replaceChildren(...sides.map((/** @type {any} */ side) => this.verdict(recipe, side, steps)));
  }

  /** @param {any} recipe @param {string} side @param {number} steps */
  verdict(recipe, side, steps) {
    const [specified, curve] = [this.curves.of(recipe, SPECIFICATION), this.curves.of(recipe, side)];
    const row = element("tr");
    row.append(element("th", this.data.sides[side], { scope: "row" }));
    const answer = element("td");
    row.append(answer);
    if (curve.unsupported !== undefined) {
      answer.append(shape("none"), ` no class: ${curve.unsupported}`);
      return row;
    }
    const found = compare(specified, curve, this.data.tolerances, this.data.precisions[side], largestRate(this.data.schedules, recipe));
    const differs = found.first !== null || Boolean(curve.error);
    const reached = Math.min(curve.rates.length, specified.rates.length);
    answer.append(shape(differs ? "differs" : "conforms"), ` ${sentence(found, curve, steps, reached)}`);
    const reachedRow = found.first ?? curve.rates.length;
    if (differs) {
      for (const id of Object.keys(this.data.departures).filter((one) => (curve.departures[one] ?? Infinity) <= reachedRow)) {
        answer.append(element("a", id, { href: `#departure-${id}`, class: "link" }));
      }
    }
    return row;
  }

  /** @param {string} key @returns {{title: string, precision: string, error?: string} & import("./compare.mjs").Sampled | undefined} */
  item(key) {
    const [index, side] = key.split(":");
    if (index === "log") {
      const found = this.shown.logs[Number(side)];
      return found && { title: found.name, precision: "float64", ...found.log };
    }
    const recipe = this.shown.recipes[Number(index)];
    if (!this.shown.valid[Number(index)]) return undefined;
    const curve = this.curves.of(recipe, side);
    const title = `${Number(index) + 1} ${recipe.schedule}: ${this.data.sides[side]}`;
    return { title, precision: this.data.precisions[side] ?? "float64", rates: curve.rates.slice(0, this.shown.steps), error: curve.unsupported ?? curve.error };
  }

  /** Compare two curves, whatever they are of. @param {boolean} done */
  compare(done) {
    const [a, b] = [this.item(this.shown.a), this.item(this.shown.b)];
    const output = at("explorer-compared");
    const box = at("explorer-difference");
    box.hidden = !a?.rates.length || !b?.rates.length;
    if (!a || !b || box.hidden) {
      output.textContent = [a, b].flatMap((one) => (one?.error ? [`${one.title}: ${one.error}.`] : [])).join(" ");
      return;
    }
    const precision = [a.precision, b.precision].includes("float32") ? "float32" : "float64";
    const found = compare(a, b, this.data.tolerances, precision);
    const updates = `${found.common.toLocaleString("en")} common updates`;
    const words = found.first === null ? `The same rates at ${updates}, to rounding.` : `They differ from update ${found.first.toLocaleString("en")} on, at ${found.count.toLocaleString("en")} of ${updates}, by up to ${percent(found.size)} of the peak of ${a.title}.`;
    output.textContent = done ? words : `${words} Computing more …`;
    const t = sampled(this.shown.steps, [], [...(a.steps ?? []), ...(b.steps ?? [])]);
    const of = (/** @type {typeof a} */ one) => {
      const steps = one.steps && new Map(one.steps.map((step, i) => [step, one.rates[i]]));
      return t.map((step) => (steps ? steps.get(step) : one.rates[step]) ?? NaN);
    };
    const [first, second] = [of(a), of(b)];
    const values = first.map((rate, i) => (rate === second[i] || Number.isNaN(rate - second[i]) ? null : Math.abs(rate - second[i])));
    draw(box, t, [{ name: "recipe-0", title: "|difference|", values }], { scale: "difference", height: 170, shaded: differing(t, first, second) });
  }
}

/** What a framework does, in a sentence. @param {import("./compare.mjs").Difference} found @param {import("./curves.mjs").Curve} curve @param {number} steps @param {number} reached */
function sentence(found, curve, steps, reached) {
  const update = (/** @type {number} */ step) => `update ${step.toLocaleString("en")}`;
  const parts = [];
  if (found.first !== null) parts.push(`from ${update(found.first)} on, up to ${percent(found.size)} of the peak (${found.count.toLocaleString("en")} of ${reached.toLocaleString("en")} updates)`);
  if (curve.error && !curve.rates.length) parts.push(`cannot be used: ${curve.error}`);
  else if (curve.error) parts.push(`raises ${curve.error} at ${update(curve.rates.length)}`);
  if (!parts.length) parts.push("the specified rates, to rounding");
  if (reached < steps && !curve.error) parts.push(`computing: ${reached.toLocaleString("en")} of ${steps.toLocaleString("en")} updates`);
  return parts.join("; ");
}

/** The steps at which a curve is drawn: all, or evenly spaced ones and those beside landmarks. @param {number} steps @param {[number, string][]} marks @param {number[]} logged */
function sampled(steps, marks, logged) {
  const stride = Math.ceil(steps / MOST_POINTS);
  const kept = new Set(Array.from({ length: Math.ceil(steps / stride) }, (_, i) => i * stride));
  for (const [step] of marks) for (const beside of [step - 1, step]) kept.add(beside);
  const each = Math.ceil(logged.length / MOST_POINTS);
  for (let i = 0; i < logged.length; i += each) kept.add(logged[i]);
  return [...kept].filter((step) => step >= 0 && step < steps).sort((a, b) => a - b);
}
