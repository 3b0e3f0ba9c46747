import { doubles, firstSentence, percent, worst } from "./data.mjs";
import { draw } from "./chart.mjs";
import { pasted } from "./pasted.mjs";
import { validate } from "./validate.mjs";

const PASTED = "pasted";

/** Return an element with *text* in it, never as markup. @param {string} tag @returns {any} */
export function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** @param {string} id @returns {any} */
export const at = (id) => document.getElementById(id);

/** The boxes and buttons called *name*. @param {string} name @returns {any[]} */
export const named = (name) => [...document.getElementsByName(name)];

/** @type {Record<string, string>} */
const SHAPES = { conforms: "C", differs: "D", none: "–" };

/** Return the shape and letter of a state. */
export const shape = (/** @type {any} */ state) => element("span", SHAPES[state], { class: `state ${state}`, "aria-hidden": "true" });

/** The first screen: reads its state from the address, shows the answer, writes changes back. */
export class Answer {
  /** @param {any} data @param {import("./curves.mjs").Curves} curves @param {(view: string, state: Record<string, string>, replace?: boolean) => void} navigate */
  constructor(data, curves, navigate) {
    this.data = data;
    this.curves = curves;
    this.from = "";
    this.to = "";
    /** @type {import("./data.mjs").Subject | undefined} */
    this.chosen = undefined;
    this.subjects = new Map(data.subjects.map((/** @type {any} */ s) => [s.id, s]));
    this.navigate = navigate;
    at("question").hidden = false;
    at("question").addEventListener("change", (/** @type {any} */ event) => {
      if (event.target === at("subject") && at("subject").value === PASTED) at("paste").value = JSON.stringify(this.subject.recipe);
      if (event.target !== at("paste")) this.changed();
    });
    at("question").addEventListener("submit", (/** @type {any} */ event) => event.preventDefault());
    at("paste").addEventListener("input", (/** @type {any} */ event) => {
      event.stopPropagation();
      this.changed(true);
    });
    at("horizon").addEventListener("input", () => this.plot());
    for (const radio of named("style")) radio.addEventListener("change", () => this.source());
  }

  /** Show the state that the address has. @param {Record<string, string>} state */
  show(state) {
    at("from").value = state.from in this.data.sides ? state.from : "paddle";
    at("to").value = state.to in this.data.sides ? state.to : "torch";
    at("subject").value = state.schedule === PASTED || this.subjects.has(state.schedule) ? state.schedule : "one-sentence";
    if (state.schedule === PASTED) at("paste").value = state.recipe ?? "";
    const ticked = new Set((state.consider ?? "once").split(","));
    for (const box of named("consider")) box.checked = ticked.has(box.value);
    this.render();
  }

  changed(replace = false) {
    const schedule = at("subject").value;
    const state = {
      from: at("from").value,
      to: at("to").value,
      schedule,
      ...(schedule === PASTED ? { recipe: at("paste").value } : {}),
      consider: [...this.ticked].join(","),
    };
    this.navigate("answer", state, replace);
    if (replace) this.render();
  }

  get ticked() {
    return new Set(named("consider").filter((box) => box.checked).map((box) => box.value));
  }

  render() {
    [this.from, this.to] = [at("from").value, at("to").value];
    const id = at("subject").value;
    at("paste-box").hidden = id !== PASTED;
    at("paste-error").textContent = "";
    try {
      this.chosen = id === PASTED ? this.pasted(at("paste").value) : this.subjects.get(id);
    } catch (error) {
      at("paste-error").textContent = error.message; // the last answer stays, greyed
    }
    at("answer-live").classList.toggle("stale", Boolean(at("paste-error").textContent));
    if (!this.chosen) return;
    this.verdict();
    const far = this.subject.curves.t.at(-1) ?? 0;
    at("horizon").max = far;
    at("horizon").value = Math.min(far, this.subject.steps);
    this.plot();
    this.styles();
  }

  /** The subject that was chosen; there is one whenever an answer is shown. */
  get subject() {
    return /** @type {import("./data.mjs").Subject} */ (this.chosen);
  }

  /** A pasted recipe as a subject; throws an `Error` that names what is wrong with it. @param {string} text */
  pasted(text) {
    let recipe;
    try {
      recipe = JSON.parse(text);
    } catch (error) {
      throw new Error(`$: ${error.message}`, { cause: error });
    }
    validate(this.data.schedules, recipe);
    return pasted(this.data, this.curves, recipe);
  }

  /** Say whether the two are the same, and what bites. */
  verdict() {
    const { subject, from, to } = this;
    const sides = this.data.sides;
    const missing = [from, to].find((side) => subject.unsupported[side]);
    at("answer-title").textContent = `From ${sides[from]} to ${sides[to]}: ${subject.title}`;
    const list = at("bites");
    list.replaceChildren();
    const sentence = element("p");
    at("verdict").replaceChildren(sentence);
    if (from === to) {
      sentence.textContent = "From a framework to itself: choose another one.";
    } else if (missing) {
      sentence.append(shape("none"), ` No class in ${sides[missing]}: ${subject.unsupported[missing]}.`);
    } else {
      const bites = subject.bites[`${from}>${to}`] ?? [];
      const found = bites.find((/** @type {import("./data.mjs").Bite} */ bite) => bite.situation === "once");
      sentence.append(shape(found ? "differs" : "conforms"), " ");
      sentence.append(element("strong", found ? "Class by class: not the same." : "Class by class: the same."));
      sentence.append(found ? ` From ${this.size(found)}.` : ` Every argument written out, the ${subject.steps.toLocaleString("en")} updates have the same rates.`);
      const shown = worst(bites, this.ticked);
      list.append(...shown.map((bite) => this.bite(bite)));
      if (subject.id === PASTED) at("verdict").append(element("p", "Of a pasted recipe, this page computes “train once” and “past the end”.", { class: "small" }));
      const more = Object.entries(this.data.situations).filter(([id]) => !this.ticked.has(id) && bites.some((/** @type {any} */ b) => b.situation === id));
      if (more.length) at("verdict").append(element("p", `They differ if you also: ${more.map(([, words]) => words).join(", ")}.`, { class: "small" }));
    }
  }

  /** @param {import("./data.mjs").Bite} bite */
  size(bite) {
    const step = `update ${bite.first.toLocaleString("en")}`;
    const ends = bite.error ? `raises ${bite.error}` : "";
    if (bite.size === undefined) return ends ? `${step}: ${ends}` : step;
    return `${step}, up to ${percent(bite.size)} of the peak${ends ? `; then ${ends}` : ""}`;
  }

  /** @param {import("./data.mjs").Bite} bite */
  bite(bite) {
    const id = bite.causes?.[0] ?? "";
    const known = this.data.departures[id];
    const words = this.data.situations[bite.situation] ?? "arguments left out";
    const item = element("li");
    const names = (bite.arguments ?? ["An argument"]).join(", ");
    const unnamed = bite.situation === "defaults" ? `${names} has another default.` : "The rates differ.";
    const cause = known ? firstSentence(known.cause) : unnamed;
    const sentence = element("span", cause);
    sentence.append(element("span", ` ${words}`, { class: "when small" }));
    item.append(sentence, element("span", this.size(bite), { class: "size mono" }));
    if (known) item.append(element("a", "proof", { href: `#departure-${id}`, "aria-label": `proof of ${id}` }));
    return item;
  }

  plot() {
    const { subject, from, to } = this;
    const { t, lines, marks } = subject.curves;
    const last = Number(at("horizon").value);
    at("horizon-value").textContent = last.toLocaleString("en");
    const count = t.filter((/** @type {number} */ step) => step <= last).length;
    const sides = [...new Set(["specification", from, to])].filter((side) => lines[side]);
    const curves = Object.fromEntries(sides.map((side) => [side, doubles(lines[side]).slice(0, count)]));
    const steps = t.slice(0, count);
    const shown = sides.map((side) => ({
      name: side,
      title: this.data.sides[side],
      values: curves[side].map((/** @type {any} */ v) => (Number.isFinite(v) ? v : null)),
    }));
    const options = { marks, end: subject.curves.end, sync: "answer" };
    const [a, b] = [curves[from] ?? curves.specification, curves[to]];
    const shaded = b ? differing(steps, a, b) : [];
    draw(at("rate-plot"), steps, shown, { ...options, height: 230, shaded });
    const difference = { name: to, title: `|${this.data.sides[to]} − ${this.data.sides[from]}|` };
    const values = b ? a.map((/** @type {any} */ v, /** @type {any} */ i) => (v === b[i] || !Number.isFinite(v - b[i]) ? null : Math.abs(v - b[i]))) : steps.map(() => null);
    draw(at("difference-plot"), steps, [{ ...difference, values }], { ...options, marks: [], scale: "difference", height: 150, shaded });
  }

  /** The framework whose rates are to be kept, or the specification where it does nothing else. */
  get origin() {
    const framework = this.data.backends[this.from];
    return this.subject.departing.includes(framework) && framework !== this.data.backends[this.to] ? framework : "specification";
  }

  /** The sources of each style, with what is known of them. @returns {Record<string, [string, string]>} */
  sources() {
    const code = this.subject.code[this.to] ?? {};
    const certified = (/** @type {string} */ origin) => {
      const port = code.ports?.[origin];
      return port && [port.source, port.certificate];
    };
    const native = code.native && [code.native, code.ran || "not run in these results"];
    const specified = certified("specification") ?? (code.best === "native" ? native : code.standalone && [code.standalone, code.checked]);
    const faithful = this.origin === "specification" ? specified : certified(this.origin);
    return /** @type {any} */ (Object.fromEntries(Object.entries({ faithful, specified, native }).filter(([, found]) => found)));
  }

  styles() {
    const found = this.sources();
    at("faithful-words").textContent = `as it runs in ${this.data.sides[this.from]}`;
    for (const radio of named("style")) {
      const same = radio.value === "faithful" ? this.origin === "specification" : radio.value === "native" && found.native?.[0] === found.specified?.[0];
      radio.closest("label").hidden = same;
      radio.disabled = !found[radio.value] && radio.value === "native";
      radio.checked = radio.value === (this.origin === "specification" ? "specified" : "faithful");
    }
    this.source();
  }

  source() {
    const style = named("style").find((radio) => radio.checked)?.value ?? "specified";
    const found = this.sources()[style];
    const written = style === "faithful" || this.subject.id === PASTED;
    const empty = written ? "# the command below writes, runs and certifies it" : "# no source does what is specified";
    at("write-title").textContent = `write this in ${this.data.sides[this.to]}`;
    at("source").textContent = found?.[0] ?? empty;
    const proof = found?.[1] ?? "";
    const [where] = proof.split(/: | by lrspec's/); // numbers and hashes are one click away
    at("evidence").hidden = !proof;
    at("evidence").querySelector("summary").textContent = where;
    at("evidence").querySelector("p").textContent = proof;
    at("explore").href = `#explorer?${new URLSearchParams({ recipes: JSON.stringify([this.subject.published ? this.subject.id : this.subject.recipe]) })}`;
    at("command").textContent = command(this.subject, this.to, style === "faithful" ? this.origin : "specification", this.data.versions);
  }
}

/** Return the command that ports *subject*, with the rates of *origin*. @param {any} subject @param {string} to @param {string} origin @param {Record<string, string>} versions */
function command(subject, to, origin, versions) {
  if (subject.published && origin === "specification") return `lrspec port ${subject.id} --to ${to}`;
  const dialect = origin === "specification" ? {} : { dialect: { framework: origin, version: versions[origin] } };
  const recipe = JSON.stringify({ ...subject.recipe, ...dialect }).replaceAll("'", "'\\''");
  return `echo '${recipe}' | lrspec port - --to ${to}`;
}

/** Return the ranges of steps in which two curves differ by more than rounding. @param {number[]} t @param {any} a @param {any} b */
export function differing(t, a, b) {
  const peak = Math.max(...a.filter(Number.isFinite).map(Math.abs), 0) || 1;
  /** @type {[number, number][]} */
  const ranges = [];
  for (let i = 0; i < t.length; i++) {
    if (Math.abs(a[i] - b[i]) <= 1e-12 * peak) continue;
    const stop = t[i + 1] ?? t[i] + 1;
    const last = ranges.at(-1);
    if (last?.[1] === t[i]) last[1] = stop;
    else ranges.push([t[i], stop]);
  }
  return ranges;
}
