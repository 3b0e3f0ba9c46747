import { applied, constant } from "./formula.mjs";
import { compilePython, PYTHON_FUNCTIONS, Raised } from "./python.mjs";

/**
 * The classes of a framework, built from the rules of its dialect (`dialect/classes.py`), for one
 * parameter group. A class has a method `init`, which takes the arguments of the constructor by
 * their names; the protocol's own classes have `start`, which a rule calls as `super`.
 * @typedef {string | {when: string, then?: Line[], departure?: string, raise?: string, message?: string}} Line
 * @typedef {{extends?: string, arguments?: Record<string, string | null>, attributes?: string[],
 *   groups?: Record<string, [string, string]>, init?: Line[]} & Record<string, any>} Rule
 * @typedef {{rules: Record<string, Rule>, base: string, defaults: Record<string, string>, super: string[],
 *   aliases: Record<string, string>, attributes: string[], groups: Record<string, [string, string]>,
 *   methods: Record<string, [string, string[]]>}} Dialect What a framework's folder declares.
 * @typedef {new () => any} Class
 * @typedef {{classes: Record<string, Class>, functions: Record<string, (...given: any[]) => any>,
 *   Session: new (build: (optimizer: any) => any, base: number, mode: string) => Session}} Protocol
 * @typedef {{rate: () => number, step: (...metric: number[]) => void}} Session
 * @typedef {(values: Record<string, any>) => any} Compiled
 */

const CONSTANTS = { pi: Math.PI, inf: Infinity };

/** The departures that take part in the current run, each with the first row that it can change. */
export const log = { row: 0, first: /** @type {Record<string, number>} */ ({}) };

/** Record that a departure takes part. @param {string} id */
export function departs(id) {
  log.first[id] ??= log.row;
}

/** Compiles the lines of one method. */
class Writer {
  /** @param {Dialect} dialect @param {Protocol} protocol @param {Rule} rule @param {Class} base @param {string[]} given */
  constructor(dialect, protocol, rule, base, given) {
    const kept = rule.init ? [] : Object.keys(rule.arguments ?? {});
    this.attributes = new Set([...kept, ...(rule.attributes ?? []), ...dialect.attributes]);
    this.groups = { ...dialect.groups, ...rule.groups };
    this.methods = new Set(Object.values(dialect.methods).map(([name]) => name));
    this.functions = { ...PYTHON_FUNCTIONS, ...protocol.functions };
    this.local = new Set(given);
    this.dialect = dialect;
    this.base = base;
  }

  /** @param {string} text @returns {Compiled} */
  formula(text) {
    return compilePython(text, {
      known: () => [...this.local, ...this.attributes],
      name: (name) => this.name(name),
      call: (name, given) => this.call(name, given),
    });
  }

  /** @param {string} name @returns {Compiled | undefined} */
  name(name) {
    if (this.local.has(name)) return (values) => values[name];
    if (Object.hasOwn(CONSTANTS, name)) return constant(/** @type {any} */ (CONSTANTS)[name]);
    if (Object.hasOwn(this.groups, name)) {
      const [owner, key] = this.groups[name];
      if (owner === "group") return (values) => values.self.optimizer.group[key];
      return owner === "local" ? (values) => values[key][0] : (values) => values.self[key][0];
    }
    const known = Object.hasOwn(this.dialect.aliases, name);
    const attribute = known ? this.dialect.aliases[name] : name;
    return known || this.attributes.has(name) ? (values) => values.self[attribute] : undefined;
  }

  /** @param {string} name @param {Compiled[]} given @returns {Compiled | undefined} */
  call(name, given) {
    if (Object.hasOwn(this.functions, name)) return applied(this.functions[name], given);
    if (this.methods.has(name)) return (values) => values.self[name](...given.map((one) => one(values)));
    const callee = this.name(name); // a function of the recipe
    return callee && ((values) => callee(values)(given[0](values)));
  }

  /** @param {Line[]} lines @returns {Compiled} */
  block(lines) {
    const every = lines.map((line) => (typeof line === "string" ? this.line(line) : this.effect(line)));
    if (every.length === 1) return every[0];
    return (values) => {
      let last;
      for (const line of every) last = line(values);
      return last;
    };
  }

  /** @param {string} line @returns {Compiled} */
  line(line) {
    if (line.startsWith("return ")) return this.formula(line.slice("return ".length));
    if (line.startsWith("super(")) {
      const given = this.formula(`[${line.slice("super(".length, -1)}]`);
      return (values) => this.base.prototype.start.call(values.self, ...given(values));
    }
    const [target, ...rest] = line.split(" = ");
    const value = this.formula(rest.join(" = "));
    const [owner, name] = target.split(".");
    if (owner === "self") return (values) => (values.self[name] = value(values));
    if (owner === "group") return (values) => (values.self.optimizer.group[name] = value(values));
    this.local.add(target);
    return (values) => (values[target] = value(values));
  }

  /** @param {Exclude<Line, string>} line @returns {Compiled} */
  effect({ when, then = [], departure, raise, message }) {
    const [test, block] = [this.formula(when), this.block(then)];
    return (values) => {
      if (!test(values)) return;
      block(values);
      if (departure) departs(departure);
      if (raise) throw new Raised(raise, message ?? "");
    };
  }
}

/**
 * Return the classes that *dialect* and *protocol* declare, by their names.
 * @param {Dialect} dialect @param {Protocol} protocol @returns {Record<string, Class>}
 */
export function classes(dialect, protocol) {
  const made = { ...protocol.classes };
  for (const [name, rule] of Object.entries(dialect.rules)) {
    const Base = protocol.classes[rule.extends ?? dialect.base];
    const Made = class extends Base {};
    Made.prototype.init = constructorOf(new Writer(dialect, protocol, rule, Base, [...Object.keys(rule.arguments ?? {}), "optimizer", ...Object.keys(dialect.defaults)]), rule);
    for (const [key, [method, given]] of Object.entries(dialect.methods)) {
      if (!(key in rule)) continue;
      const lines = typeof rule[key] === "string" ? [`return ${rule[key]}`] : rule[key];
      const body = new Writer(dialect, protocol, rule, Base, given).block(lines);
      Made.prototype[method] = /** @this {any} @param {any[]} values */ function (...values) {
        const known = /** @type {Record<string, any>} */ ({ self: this });
        given.forEach((argument, index) => (known[argument] = values[index]));
        return body(known);
      };
    }
    made[name] = Made;
  }
  return made;
}

/** The constructor: the rule's lines, then the base class's unless a line calls it. @param {Writer} writer @param {Rule} rule */
function constructorOf(writer, rule) {
  const { dialect } = writer;
  const defaults = Object.entries({ ...rule.arguments, ...dialect.defaults }).flatMap(([name, text]) => (text === null ? [] : [[name, writer.formula(text)({})]]));
  const lines = rule.init ?? Object.keys(rule.arguments ?? {}).map((name) => `self.${name} = ${name}`);
  const calls = lines.some((line) => typeof line === "string" && line.startsWith("super("));
  const body = writer.block(calls ? lines : [...lines, `super(${dialect.super.join(", ")})`]);
  return /** @this {any} @param {Record<string, any>} given */ function (given) {
    body({ ...Object.fromEntries(defaults), ...given, self: this });
  };
}
