import { at, element, named } from "./answer.mjs";
import { Controls } from "./controls.mjs";
import { span } from "./engine.mjs";
import { nearest, readLog } from "./log.mjs";
import { Overlay } from "./overlay.mjs";
import { validate } from "./validate.mjs";

const LONGEST = 2_000_000;
const MOST_CURVES = 6;
const SPECIFICATION = "specification";

/** The explorer: recipes that are changed by hand, with the rates of the specification and of every framework. */
export class Explorer {
  /** @param {any} data @param {import("./curves.mjs").Curves} curves @param {(view: string, state: Record<string, string>, replace?: boolean) => void} navigate */
  constructor(data, curves, navigate) {
    this.data = data;
    this.navigate = navigate;
    this.subjects = new Map(data.subjects.map((/** @type {any} */ s) => [s.id, s]));
    /** @type {any[]} */
    this.recipes = [];
    this.active = 0;
    /** @type {{name: string, log: import("./log.mjs").RateLog}[]} */
    this.logs = [];
    this.compared = ["", ""];
    this.overlay = new Overlay(data, curves);
    this.controls = new Controls(data.schedules, (rebuild) => this.changed(rebuild));
    at("explorer-app").hidden = false;
    at("explorer-add").addEventListener("change", () => this.add(at("explorer-add").value));
    at("explorer-steps").addEventListener("input", () => this.changed(false));
    at("explorer-log").addEventListener("change", () => this.changed(false));
    at("explorer-json").addEventListener("input", () => this.pasted());
    at("explorer-file").addEventListener("change", () => this.read([...at("explorer-file").files]));
    for (const side of sides()) side.addEventListener("change", () => this.changed(false));
    for (const [index, id] of ["explorer-a", "explorer-b"].entries()) {
      at(id).addEventListener("change", () => {
        this.compared[index] = at(id).value;
        this.changed(false);
      });
    }
    const box = at("explorer-app");
    box.addEventListener("dragover", (/** @type {any} */ event) => event.preventDefault());
    box.addEventListener("drop", (/** @type {any} */ event) => {
      event.preventDefault();
      this.read([...(event.dataTransfer?.files ?? [])]);
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
    const ticked = state.sides?.split(",");
    for (const side of sides()) side.checked = !ticked || ticked.includes(side.value);
    this.compared = [state.a ?? "", state.b ?? ""];
    at("explorer-steps").value = state.steps ?? String(this.horizon());
    this.rebuild();
  }

  /** The updates that show the whole of every valid recipe. */
  horizon() {
    const spans = this.recipes.filter((recipe) => !this.mistake(recipe)).map((recipe) => {
      const same = this.data.subjects.find((/** @type {any} */ s) => JSON.stringify(s.recipe) === JSON.stringify(recipe));
      return same ? same.steps + 1 : span(this.data.schedules, recipe) + 1;
    });
    return Math.min(Math.max(...spans, 2), LONGEST);
  }

  /** What is wrong with *recipe*, "" if nothing is. @param {any} recipe */
  mistake(recipe) {
    try {
      validate(this.data.schedules, recipe);
      return "";
    } catch (error) {
      return error.message;
    }
  }

  /** @param {boolean} rebuild */
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
      ...(sides().every((side) => side.checked) ? {} : { sides: sides().filter((side) => side.checked).map((side) => side.value).join() }),
      ...(this.compared[0] ? { a: this.compared[0] } : {}),
      ...(this.compared[1] ? { b: this.compared[1] } : {}),
    };
  }

  /** @param {string} id */
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

  /** Lay logs over the curves, and compare the last one. @param {File[]} files */
  async read(files) {
    for (const file of files) {
      try {
        const log = readLog(file.name, await file.text());
        this.logs = [...this.logs, { name: file.name, log }].slice(-MOST_CURVES);
        at("explorer-steps").value = String(Math.min(Math.max(Number(log.steps.at(-1)) + 1, 2), LONGEST));
        this.compared[1] = `log:${this.logs.length - 1}`;
        this.near();
        this.changed(true);
      } catch (error) {
        at("explorer-near").replaceChildren(element("p", `${file.name}: ${error.message}`, { class: "error" }));
      }
    }
  }

  /** List the curves that are nearest to the log. */
  near() {
    const { name, log } = this.logs[this.logs.length - 1];
    const found = nearest(log, this.data.subjects);
    const list = element("ol");
    for (const { subject, side, error, common } of found) {
      const item = element("li");
      item.append(element("a", `${subject.title}: ${this.data.sides[side]}`, { href: `#explorer?${new URLSearchParams({ recipes: JSON.stringify([subject.id]) })}` }));
      item.append(`, at most ${Number((100 * error).toPrecision(3))} % of the peak away at ${common} common updates`);
      list.append(item);
    }
    const words = found.length ? `Nearest to ${name}:` : `No curve of this page has enough updates in common with ${name}.`;
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
    this.logs.forEach(({ name }, index) => {
      const button = element("button", `remove ${name}`, { type: "button" });
      button.addEventListener("click", () => {
        this.logs.splice(index, 1);
        at("explorer-near").replaceChildren();
        this.changed(true);
      });
      tabs.push(button);
    });
    at("explorer-tabs").replaceChildren(...tabs);
    const recipe = this.recipes[this.active];
    const replace = (/** @type {any} */ other) => (this.recipes[this.active] = other);
    at("explorer-controls").replaceChildren(...(this.mistake(recipe) ? [] : [this.controls.of(recipe, replace)]));
    this.plot();
  }

  plot() {
    const recipe = this.recipes[this.active];
    const text = JSON.stringify(recipe);
    if (document.activeElement !== at("explorer-json")) at("explorer-json").value = text;
    const quoted = `echo '${text.replaceAll("'", "'\\''")}' | lrspec`;
    at("explorer-command").textContent = `${quoted} conform -\n${quoted} port - --to torch`;
    at("explorer-error").textContent = this.mistake(recipe);
    const valid = this.recipes.map((one) => !this.mistake(one));
    this.choices(valid);
    this.overlay.show({
      recipes: this.recipes,
      active: this.active,
      valid,
      steps: Math.min(Math.max(Math.floor(Number(at("explorer-steps").value)) || 2, 2), LONGEST),
      sides: sides().filter((box) => box.checked).map((box) => box.value),
      logarithmic: at("explorer-log").checked,
      logs: this.logs,
      a: at("explorer-a").value,
      b: at("explorer-b").value,
    });
  }

  /** Offer every curve to be compared. @param {boolean[]} valid */
  choices(valid) {
    const ids = [SPECIFICATION, ...Object.keys(this.data.backends)];
    const made = this.recipes.flatMap((recipe, index) => (valid[index] ? ids.map((side) => [`${index}:${side}`, `${index + 1} ${recipe.schedule}: ${this.data.sides[side]}`]) : []));
    const every = [...made, ...this.logs.map(({ name }, index) => [`log:${index}`, name])];
    for (const [id, wanted] of [["explorer-a", this.compared[0]], ["explorer-b", this.compared[1]]]) {
      at(id).replaceChildren(...every.map(([value, words]) => element("option", words, { value })));
      at(id).value = every.some(([value]) => value === wanted) ? wanted : (every[id === "explorer-a" ? 0 : 1]?.[0] ?? "");
    }
  }
}

/** The boxes of the frameworks that are shown. @returns {HTMLInputElement[]} */
const sides = () => named("side");
