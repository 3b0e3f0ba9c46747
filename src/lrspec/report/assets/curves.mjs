import { Unsupported } from "./bindings.mjs";
import { Run } from "./dialect.mjs";
import { curve } from "./engine.mjs";

/**
 * The rates of recipes on every side, computed as far as they are needed.
 * @typedef {{rates: number[], error: string, departures: Record<string, number>, unsupported?: string,
 *   advance: (steps: number, deadline?: number) => boolean}} Curve
 */

const SPECIFICATION = "specification";
const KEPT = 60;

/** What the specification gives a recipe. */
class Specified {
  /** @param {any} data @param {any} recipe */
  constructor(data, recipe) {
    /** @type {number[]} */
    this.rates = [];
    this.error = "";
    this.departures = {};
    this.curve = curve(data.schedules, recipe);
    this.base = [recipe.base_lr ?? 1].flat()[0];
  }

  /** @param {number} steps @param {number} [deadline] */
  advance(steps, deadline = Infinity) {
    while (this.rates.length < steps && !this.error) {
      if (this.rates.length % 512 === 511 && performance.now() > deadline) return false;
      const rate = this.curve(this.rates.length, this.base);
      if (Number.isFinite(rate)) this.rates.push(rate);
      else this.error = `no finite rate at update ${this.rates.length}`;
    }
    return true;
  }
}

/** The curves of all sides; those that were used last are kept. */
export class Curves {
  /** @param {any} data */
  constructor(data) {
    this.data = data;
    /** @type {Map<string, Curve>} */
    this.known = new Map();
  }

  /** The curve of a valid *recipe* on *side*. @param {any} recipe @param {string} side @returns {Curve} */
  of(recipe, side) {
    const key = `${side} ${JSON.stringify(recipe)}`;
    const found = this.known.get(key) ?? this.begin(recipe, side);
    this.known.delete(key);
    this.known.set(key, found);
    if (this.known.size > KEPT) this.known.delete(String(this.known.keys().next().value));
    return found;
  }

  /** @param {any} recipe @param {string} side @returns {Curve} */
  begin(recipe, side) {
    try {
      return side === SPECIFICATION ? new Specified(this.data, recipe) : new Run(this.data, side, recipe);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      return { rates: [], error: "", departures: {}, unsupported: error.message, advance: () => true };
    }
  }
}
