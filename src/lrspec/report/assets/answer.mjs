import { doubles, firstSentence, percent, worst } from "./data.mjs";
import { draw } from "./chart.mjs";

/** Return an element with *text* in it, never as markup. */
export function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** @param {string} id @returns {any} */
export const at = (id) => document.getElementById(id);

const SHAPES = { conforms: "C", differs: "D", none: "–" };

/** Return the shape and letter of a state. */
export const shape = (state) => element("span", SHAPES[state], { class: `state ${state}`, "aria-hidden": "true" });

/** The first screen: reads its state from the address, shows the answer, writes changes back. */
export class Answer {
  /** @param {any} data @param {(view: string, state: Record<string, string>) => void} navigate */
  constructor(data, navigate) {
    this.data = data;
    this.subjects = new Map(data.subjects.map((s) => [s.id, s]));
    this.navigate = navigate;
    at("question").hidden = false;
    at("question").addEventListener("change", () => this.changed());
    at("question").addEventListener("submit", (event) => event.preventDefault());
    at("horizon").addEventListener("input", () => this.plot());
    for (const radio of document.getElementsByName("style")) radio.addEventListener("change", () => this.source());
  }

  /** Show the state that the address has. @param {Record<string, string>} state */
  show(state) {
    at("from").value = state.from in this.data.sides ? state.from : "paddle";
    at("to").value = state.to in this.data.sides ? state.to : "torch";
    at("subject").value = this.subjects.has(state.schedule) ? state.schedule : "one-sentence";
    const ticked = new Set((state.consider ?? "once").split(","));
    for (const box of document.getElementsByName("consider")) box.checked = ticked.has(box.value);
    this.render();
  }

  changed() {
    const ticked = [...document.getElementsByName("consider")].filter((box) => box.checked);
    this.navigate("answer", {
      from: at("from").value,
      to: at("to").value,
      schedule: at("subject").value,
      consider: ticked.map((box) => box.value).join(","),
    });
  }

  get ticked() {
    return new Set([...document.getElementsByName("consider")].filter((box) => box.checked).map((box) => box.value));
  }

  render() {
    [this.from, this.to] = [at("from").value, at("to").value];
    const id = at("subject").value;
    this.subject = this.subjects.get(id);
    this.verdict();
    const far = this.subject.curves.t.at(-1);
    at("horizon").max = far;
    at("horizon").value = Math.min(far, this.subject.steps);
    this.plot();
    this.styles();
  }

  /** Say whether the two are the same, and what bites. */
  verdict() {
    const { subject, from, to } = this;
    const sides = this.data.sides;
    const missing = [from, to].find((side) => subject.unsupported[side]);
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
      const found = bites.find((bite) => bite.situation === "once");
      sentence.append(shape(found ? "differs" : "conforms"), " ");
      sentence.append(element("strong", found ? "Class by class: not the same." : "Class by class: the same."));
      sentence.append(found ? ` From ${this.size(found)}.` : ` Every argument written out, the ${subject.steps.toLocaleString("en")} updates have the same rates.`);
      const shown = worst(bites, this.ticked);
      list.append(...shown.map((bite) => this.bite(bite)));
      const more = Object.entries(this.data.situations).filter(([id]) => !this.ticked.has(id) && bites.some((b) => b.situation === id));
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

  bite(bite) {
    const known = bite.causes ? this.data.departures[bite.causes[0]] : undefined;
    const words = this.data.situations[bite.situation] ?? "arguments left out";
    const item = element("li");
    const names = (bite.arguments ?? ["An argument"]).join(", ");
    const unnamed = bite.situation === "defaults" ? `${names} has another default.` : "The rates differ.";
    const cause = known ? firstSentence(known.cause) : unnamed;
    const sentence = element("span", cause);
    sentence.append(element("span", ` ${words}`, { class: "when small" }));
    item.append(sentence, element("span", this.size(bite), { class: "size mono" }));
    if (known) item.append(element("a", "proof", { href: `#departure-${bite.causes[0]}`, "aria-label": `proof of ${bite.causes[0]}` }));
    return item;
  }

  plot() {
    const { subject, from, to } = this;
    const { t, lines, marks } = subject.curves;
    const last = Number(at("horizon").value);
    at("horizon-value").textContent = last.toLocaleString("en");
    const count = t.filter((step) => step <= last).length;
    const sides = [...new Set(["specification", from, to])].filter((side) => lines[side]);
    const curves = Object.fromEntries(sides.map((side) => [side, doubles(lines[side]).slice(0, count)]));
    const steps = t.slice(0, count);
    const shown = sides.map((side) => ({
      name: side,
      title: this.data.sides[side],
      values: curves[side].map((v) => (Number.isFinite(v) ? v : null)),
    }));
    const options = { marks, end: subject.curves.end, sync: "answer" };
    const [a, b] = [curves[from] ?? curves.specification, curves[to]];
    const shaded = b ? differing(steps, a, b) : [];
    draw(at("rate-plot"), steps, shown, { ...options, height: 230, shaded });
    const difference = { name: to, title: `|${this.data.sides[to]} − ${this.data.sides[from]}|` };
    const values = b ? a.map((v, i) => (v === b[i] || !Number.isFinite(v - b[i]) ? null : Math.abs(v - b[i]))) : steps.map(() => null);
    draw(at("difference-plot"), steps, [{ ...difference, values }], { ...options, marks: [], scale: "difference", height: 150, shaded });
  }

  styles() {
    const code = this.subject.code[this.to] ?? {};
    for (const radio of document.getElementsByName("style")) {
      radio.disabled = !code[radio.value];
      radio.checked = code.best === radio.value;
    }
    this.source();
  }

  source() {
    const code = this.subject.code[this.to] ?? {};
    const style = [...document.getElementsByName("style")].find((radio) => radio.checked)?.value;
    at("write-title").textContent = `write this in ${this.data.sides[this.to]}`;
    at("source").textContent = code[style] ?? "# no source does what is specified";
    const evidence = style === "standalone" ? code.checked : code.ran || "not run in these results: the command below runs and certifies it";
    at("evidence").textContent = code[style] ? evidence : "";
    at("explore").href = `#explorer?${new URLSearchParams({ recipes: JSON.stringify([this.subject.id]) })}`;
    at("command").textContent = command(this.subject, this.to);
  }
}

/** Return the command that ports *subject*. */
function command(subject, to) {
  if (subject.published) return `lrspec port ${subject.id} --to ${to}`;
  const recipe = JSON.stringify(subject.recipe).replaceAll("'", "'\\''");
  return `echo '${recipe}' | lrspec port - --to ${to}`;
}

/** Return the ranges of steps in which two curves differ by more than rounding. */
export function differing(t, a, b) {
  const peak = Math.max(...a.filter(Number.isFinite).map(Math.abs), 0) || 1;
  const ranges = [];
  for (let i = 0; i < t.length; i++) {
    if (Math.abs(a[i] - b[i]) <= 1e-12 * peak) continue;
    const stop = t[i + 1] ?? t[i] + 1;
    if (ranges.length && ranges.at(-1)[1] === t[i]) ranges.at(-1)[1] = stop;
    else ranges.push([t[i], stop]);
  }
  return ranges;
}
