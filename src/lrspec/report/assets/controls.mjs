import { element } from "./answer.mjs";
import { nests } from "./engine.mjs";

/** The controls of a recipe's parameters: sliders and fields that change the recipe in place. */
export class Controls {
  /**
   * @param {Record<string, any>} schedules
   * @param {(rebuild: boolean) => void} changed is called after each change; the controls are built
   *   again where the recipe has other parameters afterwards.
   */
  constructor(schedules, changed) {
    this.schedules = schedules;
    this.changed = changed;
    this.count = 0;
  }

  /** Return the controls of *recipe*; *replace* puts another recipe, or none, in its place. @param {any} recipe @param {(other: any) => void} replace */
  of(recipe, replace, outermost = true, optional = false) {
    const box = element("div", "", { class: "controls" });
    const kinds = Object.keys(this.schedules).filter((kind) => outermost || this.schedules[kind].nests !== false);
    const select = this.select(optional ? ["(none)", ...kinds] : kinds, recipe?.schedule ?? "(none)", (/** @type {any} */ kind) => {
      replace(kind === "(none)" ? undefined : this.example(kind, outermost));
      this.changed(true);
    });
    box.append(this.row("schedule", select));
    if (!recipe) return box;
    if (outermost && recipe.base_lr !== undefined) {
      box.append(this.field(recipe, "base_lr", { type: Array.isArray(recipe.base_lr) ? "numbers" : "number", exclusiveMinimum: 0, unit: "rate", meaning: "base rate" }));
    }
    for (const [name, parameter] of Object.entries(this.schedules[recipe.schedule].parameters)) {
      box.append(nests(parameter.type) ? this.nested(recipe, name, parameter) : this.field(recipe, name, parameter));
    }
    return box;
  }

  /** Return the example of a kind. @param {string} kind @param {boolean} outermost */
  example(kind, outermost) {
    const { base_lr, ...parameters } = structuredClone(this.schedules[kind].example);
    const base = outermost && base_lr !== undefined ? { base_lr } : {};
    return { schedule: kind, ...base, ...parameters };
  }

  /** @param {any} recipe @param {string} name @param {any} parameter */
  nested(recipe, name, parameter) {
    const box = element("fieldset", "", { class: "nested" });
    box.append(element("legend", name));
    if (parameter.type === "schedule") {
      const replace = (/** @type {any} */ other) => {
        if (other === undefined) delete recipe[name];
        else recipe[name] = other;
      };
      box.append(this.of(recipe[name], replace, false, parameter.optional));
      return box;
    }
    recipe[name].forEach((/** @type {any} */ member, /** @type {number} */ index) => {
      box.append(this.of(member, (/** @type {any} */ other) => (recipe[name][index] = other), false));
      if (recipe[name].length > 1) box.append(this.button(`remove member ${index + 1}`, () => this.resize(recipe, name, index)));
    });
    box.append(this.button("add a member", () => this.resize(recipe, name)));
    return box;
  }

  /** Remove the member at *index*, or add one at the end; the milestones follow. @param {any} recipe @param {string} name @param {number} [index] */
  resize(recipe, name, index) {
    const remove = index !== undefined;
    if (remove) recipe[name].splice(index, 1);
    else recipe[name].push(this.example("constant", false));
    const { milestones } = recipe;
    if (milestones && remove) milestones.splice(Math.max(index - 1, 0), 1);
    if (milestones && !remove) milestones.push((milestones.at(-1) ?? 0) + 10);
    this.changed(true);
  }

  /** Return the control of one parameter, by its type. @param {any} recipe @param {string} name @param {any} parameter */
  field(recipe, name, parameter) {
    const set = (/** @type {any} */ value) => {
      if (value === undefined) delete recipe[name];
      else recipe[name] = value;
      this.changed(false);
    };
    const given = recipe[name];
    if (parameter.type === "boolean") {
      const input = element("input", "", { type: "checkbox" });
      input.checked = given ?? parameter.default;
      input.addEventListener("change", () => set(input.checked));
      return this.row(name, input, parameter);
    }
    if (parameter.type === "choice") return this.row(name, this.select(parameter.choices, given ?? parameter.default, set), parameter);
    if (parameter.type === "formula") return this.row(name, this.text(given, set, (/** @type {string} */ text) => text), parameter);
    if (parameter.type !== "number" && parameter.type !== "integer") {
      return this.row(name, this.text(JSON.stringify(given ?? parameter.default), set, JSON.parse), parameter);
    }
    return this.number(name, parameter, given, set);
  }

  /** A number field and a slider that move together. @param {string} name @param {any} parameter @param {any} given @param {(value: any) => void} set */
  number(name, parameter, given, set) {
    const whole = parameter.type === "integer";
    const shown = given ?? parameter.default ?? "";
    const low = parameter.minimum ?? parameter.exclusiveMinimum ?? 0;
    const high = parameter.maximum ?? parameter.exclusiveMaximum ?? Math.max(4 * Math.abs(Number(shown)), whole ? 20 : 1);
    const step = whole ? 1 : (high - low) / 1000;
    const open = (/** @type {string} */ bound) => (bound in parameter ? step : 0);
    const range = { min: low + open("exclusiveMinimum"), max: high - open("exclusiveMaximum"), step };
    const slider = element("input", "", { type: "range", ...range, "aria-label": `${name}, slider` });
    const field = element("input", "", { type: "number", step: whole ? 1 : "any" });
    field.value = String(shown);
    slider.value = String(shown);
    slider.addEventListener("input", () => {
      field.value = slider.value;
      set(Number(slider.value));
    });
    field.addEventListener("input", () => {
      slider.value = field.value;
      set(field.value === "" ? undefined : Number(field.value));
    });
    const row = this.row(name, field, parameter);
    row.append(slider);
    return row;
  }

  /** @param {any} shown @param {(value: any) => void} set @param {(text: string) => any} parse */
  text(shown, set, parse) {
    const input = element("input", "", { type: "text", spellcheck: "false", class: "mono" });
    input.value = shown ?? "";
    input.addEventListener("input", () => {
      try {
        set(parse(input.value));
        input.setCustomValidity("");
      } catch (error) {
        input.setCustomValidity(String(error.message));
      }
      input.reportValidity();
    });
    return input;
  }

  /** @param {string[]} choices @param {any} chosen @param {(value: any) => void} set */
  select(choices, chosen, set) {
    const made = element("select");
    for (const choice of choices) made.append(element("option", choice, { value: choice }));
    made.value = chosen;
    made.addEventListener("change", () => set(made.value));
    return made;
  }

  /** @param {string} text @param {() => void} action */
  button(text, action) {
    const made = element("button", text, { type: "button" });
    made.addEventListener("click", action);
    return made;
  }

  /** @param {string} name @param {any} input @param {any} [parameter] */
  row(name, input, parameter) {
    this.count += 1;
    input.id = `field-${this.count}`;
    const made = element("div", "", { class: "row" });
    const label = element("label", name, { for: input.id, class: "mono" });
    if (parameter) label.title = `${parameter.meaning} (${parameter.unit})`;
    made.append(label, input);
    return made;
  }
}
