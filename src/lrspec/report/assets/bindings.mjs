import { nests, ofFirstGroup, value, valuesOf } from "./engine.mjs";
import { functionOf } from "./python.mjs";

/**
 * From a recipe to the tree of calls that builds it in a framework's classes (`bindings/writing.py`),
 * for its first parameter group.
 * @typedef {{class: string, arguments: Record<string, any>}} Call
 * @typedef {{mode?: string, given?: string[], absent?: string[], where?: Record<string, any>, when?: string}} Scope
 * @typedef {Scope & {class?: string, arguments?: Record<string, any>, as?: any}} Binding
 * @typedef {{unsupported?: (Scope & {reason: string})[], bindings?: Binding[]}} ScheduleBindings
 * @typedef {{schedules: Record<string, ScheduleBindings>, by_hand: string[]}} Bindings
 */

/** The base rate, which replaces a nested schedule that a recipe leaves out. */
const BASE_RATE = { schedule: "constant", factor: 1, total_iters: 0 };
/** The place of the optimizer in a tree. */
export const OPTIMIZER = Symbol("optimizer");

/** A framework has no class for a recipe; the message says why. */
export class Unsupported extends Error {}

/** Writes the arguments of a binding with the values of one recipe. */
class Writer {
  /** @param {Record<string, any>} schedules @param {Bindings} bindings @param {string} mode @param {Record<string, any>} recipe @param {number} base */
  constructor(schedules, bindings, mode, recipe, base) {
    this.schedules = schedules;
    this.bindings = bindings;
    this.recipe = recipe;
    this.parameters = schedules[recipe.schedule].parameters;
    /** @type {Record<string, any>} */
    this.values = valuesOf(schedules, recipe, base);
    this.base = base;
    this.mode = mode;
  }

  /** @returns {Call} */
  written() {
    const { unsupported = [], bindings = [] } = this.bindings.schedules[this.recipe.schedule] ?? {};
    const limit = unsupported.find((scope) => this.holds(scope));
    if (limit) throw new Unsupported(limit.reason);
    const binding = bindings.find((scope) => this.holds(scope));
    if (!binding) throw new Unsupported("no class for these parameters");
    if (binding.as) return this.nested(this.document(binding.as, "schedule"));
    const given = Object.entries(binding.arguments ?? {}).map(([name, source]) => [name, this.argument(source)]);
    return { class: String(binding.class), arguments: Object.fromEntries(given) };
  }

  /** @param {Scope} scope */
  holds({ mode, given = [], absent = [], where = {}, when }) {
    const has = (/** @type {string} */ name) => this.recipe[name] !== undefined;
    if (mode && mode !== this.mode) return false;
    if (absent.some(has) || !given.every(has)) return false;
    if (Object.entries(where).some(([name, wanted]) => this.values[name] !== wanted)) return false;
    return when === undefined || Boolean(value(when, this.values));
  }

  /** @param {Record<string, any>} recipe */
  nested(recipe) {
    const call = new Writer(this.schedules, this.bindings, this.mode, recipe, this.base).written();
    if (this.bindings.by_hand.includes(call.class)) throw new Unsupported("a rate that is set by hand is no part of a composition");
    return call;
  }

  /** @param {any} source @returns {any} */
  argument(source) {
    if (Array.isArray(source)) return source.map((one) => this.argument(one));
    if (typeof source !== "string") return source;
    if (source.startsWith("'")) return source.slice(1, -1);
    if (source === "optimizer") return OPTIMIZER;
    const parameter = this.parameters[source];
    if (parameter && nests(parameter.type)) {
      const given = this.recipe[source];
      return Array.isArray(given) ? given.map((member) => this.nested(member)) : this.nested(given);
    }
    if (parameter?.type === "formula") return this.function(ofFirstGroup(parameter, this.recipe[source]) ?? parameter.default, {});
    return value(source, this.values);
  }

  /** @param {any} text @param {Record<string, any>} values */
  function(text, values) {
    return typeof text === "function" ? text : functionOf(text, values);
  }

  /** The part of another recipe, a parameter of *type*, for the values of this one. @param {any} template @param {string} type @returns {any} */
  document(template, type) {
    if (Array.isArray(template)) return template.map((part) => this.document(part, ""));
    if (typeof template === "object") {
      const types = this.schedules[template.schedule].parameters;
      const parts = Object.entries(template).filter(([name]) => name !== "schedule");
      return { schedule: template.schedule, ...Object.fromEntries(parts.map(([name, part]) => [name, this.document(part, types[name].type)])) };
    }
    if (type === "formula") return this.function(template, this.values);
    if (this.parameters[template]?.type === "schedule") return this.recipe[template] ?? BASE_RATE;
    return this.argument(template);
  }
}

/**
 * Return the call of *recipe*; throws `Unsupported` with the reason where the framework has none.
 * @param {Record<string, any>} schedules @param {Bindings} bindings @param {string} mode @param {Record<string, any>} recipe
 */
export function write(schedules, bindings, mode, recipe) {
  return new Writer(schedules, bindings, mode, recipe, [recipe.base_lr ?? 1].flat()[0]).written();
}
