import { OPTIMIZER, write } from "./bindings.mjs";
import { valuesOf } from "./engine.mjs";
import { PROTOCOLS } from "./protocols.mjs";
import { Raised } from "./python.mjs";
import { classes, log } from "./rules.mjs";

/**
 * What a framework does with a recipe in an undisturbed run, from the rules of its dialect.
 * @typedef {{schedules: Record<string, any>, backends: Record<string, string>,
 *   frameworks: Record<string, {dialect: import("./rules.mjs").Dialect, bindings: import("./bindings.mjs").Bindings}>}} Data
 */

/** The classes of each framework. @type {WeakMap<object, Record<string, import("./rules.mjs").Class>>} */
const CLASSES = new WeakMap();

/** @param {string} framework @param {Data} data */
function classesOf(framework, data) {
  const { dialect } = data.frameworks[framework];
  if (!CLASSES.has(dialect)) CLASSES.set(dialect, classes(dialect, PROTOCOLS[framework]));
  return /** @type {Record<string, import("./rules.mjs").Class>} */ (CLASSES.get(dialect));
}

/** One run: `rates` grow by `advance`, up to an exception, whose type and message `error` is. */
export class Run {
  /**
   * Throws `Unsupported` where the framework has no class for *recipe*.
   * @param {Data} data @param {string} mode @param {Record<string, any>} recipe
   */
  constructor(data, mode, recipe) {
    /** @type {number[]} */
    this.rates = [];
    /** @type {Record<string, number>} */
    this.departures = {};
    this.error = "";
    const framework = data.backends[mode];
    const { machine } = data.schedules[recipe.schedule];
    const tree = write(data.schedules, data.frameworks[framework].bindings, mode, recipe);
    const known = classesOf(framework, data);
    this.metrics = machine && valuesOf(data.schedules, recipe, 1)[machine.input];
    /** @param {string} name @param {Record<string, any>} given */
    const create = (name, given) => {
      const made = new known[name]();
      made.init(given);
      return made;
    };
    const build = (/** @type {any} */ optimizer) => instantiate(tree, Object.assign(optimizer ?? {}, { create }));
    this.guarded(() => (this.session = new PROTOCOLS[framework].Session(build, [recipe.base_lr ?? 1].flat()[0], mode)));
  }

  /** Perform *action*; an exception of the framework ends the run. @param {() => void} action */
  guarded(action) {
    [log.first, log.row] = [this.departures, this.rates.length];
    try {
      action();
    } catch (error) {
      if (!(error instanceof Raised)) throw error;
      if (error.type === "Abort") this.rates.length = 0;
      this.error = error.text;
    }
  }

  /** Compute the rates of *steps* updates, or as many as there is time for; whether that is all. @param {number} steps @param {number} [deadline] */
  advance(steps, deadline = Infinity) {
    this.guarded(() => {
      for (let count = 0; this.session && !this.error && this.rates.length < steps; count++) {
        if (count % 512 === 511 && performance.now() > deadline) return;
        const metric = this.metrics?.[Math.min(this.rates.length, this.metrics.length - 1)] ?? NaN;
        if (this.rates.length) {
          log.row = this.rates.length;
          this.session.step(...(this.metrics ? [this.last] : []));
        }
        this.last = metric;
        this.rates.push(this.session.rate());
      }
    });
    return Boolean(this.error) || !this.session || this.rates.length >= steps;
  }
}

/** The value of *tree*: a scheduler, a list, the optimizer, a function or a number. @param {any} tree @param {any} optimizer @returns {any} */
function instantiate(tree, optimizer) {
  if (tree === OPTIMIZER) return optimizer;
  if (Array.isArray(tree)) return tree.map((item) => instantiate(item, optimizer));
  if (typeof tree !== "object" || tree === null) return tree;
  const given = Object.entries(tree.arguments).map(([name, value]) => [name, instantiate(value, optimizer)]);
  return optimizer.create(tree.class, Object.fromEntries(given));
}
