import { Answer, at, element } from "./answer.mjs";
import { Curves } from "./curves.mjs";
import { Explorer } from "./explorer.mjs";

const data = JSON.parse(at("data").textContent);
/** @param {string} selector @returns {any[]} */
const elements = (selector) => [...document.querySelectorAll(selector)];
const views = elements("[data-view]");
const curves = new Curves(data);
const answer = new Answer(data, curves, navigate);
const explorer = new Explorer(data, curves, navigate);

/** Return the address's view or anchor, and its state. @returns {[string, Record<string, string>]} */
function place() {
  const [name, query = ""] = location.hash.slice(1).split("?");
  return [decodeURIComponent(name) || "answer", Object.fromEntries(new URLSearchParams(query))];
}

/** Put *view* and *state* into the address, and show them; *replace* changes the address alone. @param {string} view @param {any} state */
function navigate(view, state, replace = false) {
  const hash = `#${view}?${new URLSearchParams(state)}`;
  if (replace) return history.replaceState(null, "", hash);
  if (location.hash !== hash) history.pushState(null, "", hash);
  show();
}

function show() {
  const [name, state] = place();
  const target = at(name);
  const view = target?.closest("[data-view]") ?? at("answer");
  for (const other of views) other.classList.toggle("current", other === view);
  for (const link of elements("nav a")) {
    if (link.hash === `#${view.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view.id === "answer") {
    at("answer-live").hidden = false;
    answer.show(state);
  }
  if (view.id === "explorer") explorer.show(state);
  for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
  if (target && target !== view) target.scrollIntoView();
  else scrollTo(0, 0);
}

/** Let the search field *id* hide those of *rows* without its words. @param {string} id @param {string} count @param {any[]} rows @param {(row: any) => boolean} more */
function searchable(id, count, rows, more = () => true) {
  const field = at(id);
  const run = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !(words.every((/** @type {any} */ word) => text.includes(word)) && more(row));
      shown += Number(!row.hidden);
    }
    at(count).textContent = `${shown} of ${rows.length}`;
  };
  field.closest(".filters").hidden = false;
  field.addEventListener("input", run);
  run();
  return run;
}

const items = (/** @type {string} */ view) => [...document.querySelectorAll(`#${view} [data-item]`)];
searchable("departure-search", "departure-count", items("departures"));
searchable("gallery-search", "gallery-count", items("gallery"));
searchable("port-search", "port-count", items("ports"));
searchable("upstream-search", "upstream-count", items("upstream"));
const state = at("support-state");
const support = searchable("support-search", "support-count", [...document.querySelectorAll("#support tbody tr")], (/** @type {any} */ row) =>
  !state.value || [...row.querySelectorAll("td")].some((cell) => cell.dataset.state === state.value));
state.addEventListener("change", support);

at("download").hidden = false;
at("download").addEventListener("click", () => {
  const url = URL.createObjectURL(new Blob([at("data").textContent], { type: "application/json" }));
  element("a", "", { href: url, download: "lrspec.json" }).click();
  URL.revokeObjectURL(url);
});
for (const button of elements(".copy")) button.hidden = false;
document.addEventListener("click", (event) => {
  const button = /** @type {any} */ (event.target).closest?.(".copy");
  if (!button) return;
  const text = button.parentElement.querySelector("code").textContent;
  copied(text).then((done) => {
    button.textContent = done ? "copied" : "select and copy";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
});

/** Copy *text*: a page from disk may lack the clipboard's newer interface. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

addEventListener("hashchange", show);
addEventListener("popstate", show);
for (const [event, printed] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(String(event), () => {
    document.documentElement.toggleAttribute("data-print", Boolean(printed)); // paper is white
    show();
  });
}
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== width) show();
  width = innerWidth;
});
show();
