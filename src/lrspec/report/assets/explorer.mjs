import { at, element } from "./answer.mjs";
import { draw } from "./chart.mjs";
import { Controls } from "./controls.mjs";
import { landmarks, span } from "./engine.mjs";
import { nearest, readLog } from "./log.mjs";
import { rates, validate } from "./validate.mjs";

const MOST_POINTS = 4000;
const LONGEST = 2_000_000;
const MOST_CURVES = 6;

/** The explorer: recipes that are changed by hand, and the rates that the specification gives them. */
export class Explorer {
  /** @param {any} data @param {(view: string, state: Record<string, string>, replace?: boolean) => void} navigate */
  constructor(data, navigate) {
    this.data = data;
    this.navigate = navigate;
    this.subjects = new Map(data.subjects.map((s) => [s.id, s]));
    this.recipes = [];
    this.active = 0;
    /** @type {{name: string, log: import("./log.mjs").RateLog} | null} */
    this.log = null;
    this.controls = new Controls(data.schedules, (rebuild) => this.changed(rebuild));
    at("explorer-app").hidden = false;
    at("explorer-add").addEventListener("change", () => this.add(at("explorer-add").value));
    at("explorer-steps").addEventListener("input", () => this.changed(false));
    at("explorer-log").addEventListener("change", () => this.changed(false));
    at("explorer-json").addEventListener("input", () => this.pasted());
    at("explorer-file").addEventListener("change", () => this.read(at("explorer-file").files[0]));
    const box = at("explorer-app");
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      this.read(event.dataTransfer.files[0]);
    });
  }

  /** Show the state that the address has. @param {Record<string, string>} state */
  show(state) {
    let given;
    try {
      given = JSON.parse(state.recipes ?? '["one-sentence"]');
    } catch {
      given = [];
    }
    const known = (Array.isArray(given) ? given : [given]).slice(0, MOST_CURVES).map((one) => this.subjects.get(one)?.recipe ?? one);
    this.recipes = structuredClone(known.length ? known : [this.subjects.get("one-sentence").recipe]);
    this.active = Math.min(Number(state.active) || 0, this.recipes.length - 1);
    at("explorer-log").checked = state.scale === "log";
    at("explorer-steps").value = state.steps ?? String(this.horizon());
    this.rebuild();
  }

  /** The updates that show the whole of every valid recipe. */
  horizon() {
    const spans = this.recipes.filter((recipe) => !this.mistake(recipe)).map((recipe) => {
      const same = this.data.subjects.find((s) => JSON.stringify(s.recipe) === JSON.stringify(recipe));
      return same ? same.steps + 1 : span(this.data.schedules, recipe) + 1;
    });
    return Math.min(Math.max(...spans, 2), LONGEST);
  }

  /** What is wrong with *recipe*, "" if nothing is. */
  mistake(recipe) {
    try {
      validate(this.data.schedules, recipe);
      return "";
    } catch (error) {
      return error.message;
    }
  }

  changed(rebuild) {
    if (rebuild) this.rebuild();
    else this.plot();
    this.navigate("explorer", this.state(), true);
  }

  /** @returns {Record<string, string>} */
  state() {
    return {
      recipes: JSON.stringify(this.recipes),
      active: String(this.active),
      steps: at("explorer-steps").value,
      ...(at("explorer-log").checked ? { scale: "log" } : {}),
    };
  }

  add(id) {
    at("explorer-add").value = "";
    if (!this.subjects.has(id) || this.recipes.length >= MOST_CURVES) return;
    this.recipes.push(structuredClone(this.subjects.get(id).recipe));
    this.active = this.recipes.length - 1;
    at("explorer-steps").value = String(this.horizon());
    this.changed(true);
  }

  pasted() {
    let recipe;
    try {
      recipe = JSON.parse(at("explorer-json").value);
    } catch (error) {
      at("explorer-error").textContent = `$: ${error.message}`;
      return;
    }
    this.recipes[this.active] = recipe;
    at("explorer-error").textContent = this.mistake(recipe);
    if (!at("explorer-error").textContent) this.changed(true);
  }

  async read(file) {
    if (!file) return;
    try {
      this.log = { name: file.name, log: readLog(file.name, await file.text()) };
      at("explorer-steps").value = String(Math.max(this.log.log.steps.at(-1) + 1, 2));
      this.near();
      this.changed(false);
    } catch (error) {
      at("explorer-near").replaceChildren(element("p", `${file.name}: ${error.message}`, { class: "error" }));
    }
  }

  /** List the curves that are nearest to the log. */
  near() {
    const found = nearest(this.log.log, this.data.subjects);
    const list = element("ol");
    for (const { subject, side, error, common } of found) {
      const item = element("li");
      item.append(element("a", `${subject.title}: ${this.data.sides[side]}`, { href: `#explorer?${new URLSearchParams({ recipes: JSON.stringify([subject.id]) })}` }));
      item.append(`, at most ${Number((100 * error).toPrecision(3))} % of the peak away at ${common} common updates`);
      list.append(item);
    }
    const words = found.length ? `Nearest to ${this.log.name}:` : `No curve of this page has enough updates in common with ${this.log.name}.`;
    at("explorer-near").replaceChildren(element("p", words), list);
  }

  rebuild() {
    const tabs = this.recipes.map((recipe, index) => {
      const button = element("button", `${index + 1} ${String(recipe?.schedule)}`, { type: "button", "aria-pressed": String(index === this.active) });
      button.addEventListener("click", () => {
        this.active = index;
        this.changed(true);
      });
      return button;
    });
    if (this.recipes.length > 1) {
      const remove = element("button", "remove this curve", { type: "button" });
      remove.addEventListener("click", () => {
        this.recipes.splice(this.active, 1);
        this.active = 0;
        this.changed(true);
      });
      tabs.push(remove);
    }
    at("explorer-tabs").replaceChildren(...tabs);
    const recipe = this.recipes[this.active];
    const replace = (other) => (this.recipes[this.active] = other);
    at("explorer-controls").replaceChildren(...(this.mistake(recipe) ? [] : [this.controls.of(recipe, replace)]));
    this.plot();
  }

  plot() {
    const recipe = this.recipes[this.active];
    const text = JSON.stringify(recipe);
    if (document.activeElement !== at("explorer-json")) at("explorer-json").value = text;
    at("explorer-command").textContent = `echo '${text.replaceAll("'", "'\\''")}' | lrspec conform -`;
    at("explorer-error").textContent = this.mistake(recipe);
    const steps = Math.min(Math.max(Number(at("explorer-steps").value) || 2, 2), LONGEST);
    const valid = this.recipes.filter((one) => !this.mistake(one));
    const marks = at("explorer-error").textContent ? [] : landmarks(this.data.schedules, recipe, steps - 1).slice(0, 40);
    const t = sampled(steps, marks, this.log?.log.steps ?? []);
    const logarithmic = at("explorer-log").checked;
    const shown = (rate) => (rate === undefined || (logarithmic && rate <= 0) ? null : rate);
    const lines = [];
    for (const one of valid) {
      const index = this.recipes.indexOf(one);
      try {
        lines.push({ name: `recipe-${index}`, title: `${index + 1} ${one.schedule}`, values: rates(this.data.schedules, one, t).map(shown) });
      } catch (error) {
        at("explorer-error").textContent = error.message;
      }
    }
    if (this.log) {
      const { name, log } = this.log;
      const logged = new Map(log.steps.map((step, index) => [step, log.rates[index]]));
      lines.push({ name: "log", title: name, values: t.map((step) => shown(logged.get(step))) });
    }
    draw(at("explorer-plot"), t, lines, { scale: logarithmic ? "log" : "linear", height: 340, marks });
  }
}

/** The steps at which a curve is drawn: all, or evenly spaced ones and those beside landmarks. */
function sampled(steps, marks, logged) {
  const stride = Math.ceil(steps / MOST_POINTS);
  const kept = new Set(Array.from({ length: Math.ceil(steps / stride) }, (_, i) => i * stride));
  for (const [step] of marks) for (const beside of [step - 1, step]) kept.add(beside);
  const each = Math.ceil(logged.length / MOST_POINTS);
  for (let i = 0; i < logged.length; i += each) kept.add(logged[i]);
  return [...kept].filter((step) => step >= 0 && step < steps).sort((a, b) => a - b);
}
