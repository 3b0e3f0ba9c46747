import { doubles } from "./data.mjs";

/**
 * Logs of learning rates, as training scripts write them: CSV files and JSON lines.
 * @typedef {{steps: number[], rates: number[]}} RateLog
 */

const STEP = /^(global_?)?(step|update|iteration|iter|t)$/i;
const RATE = /\b(lr|learning_?rate|rate)(\b|_|\d)/i;
const EXPECTED = "a log of rates: a line per update, with its rate or its step and rates";
const LARGEST = 50_000_000;

/** What a column is by its name. @param {string} name */
function kind(name) {
  if (STEP.test(name.trim())) return "step";
  return RATE.test(name.trim().replaceAll("/", " ")) ? "rate" : "";
}

/** @param {unknown} x */
const isNumber = (x) => (typeof x === "number" && Number.isFinite(x)) || (typeof x === "string" && x.trim() !== "" && Number.isFinite(Number(x)));

/** The step and the first rate of each line. @param {string} text @returns {[unknown, unknown, number][]} */
function ofJson(text) {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (!line.trim()) return [];
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      throw new Error(`line ${index + 1}: found no JSON, expected ${EXPECTED}`);
    }
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [[undefined, [entry].flat()[0], index + 1]];
    const of = (/** @type {string} */ wanted) => Object.entries(entry).find(([name]) => kind(name) === wanted)?.[1];
    return [[of("step"), [of("rate")].flat()[0], index + 1]];
  });
}

/** @param {string} text @param {string} delimiter @returns {[unknown, unknown, number][]} */
function ofTable(text, delimiter) {
  const lines = text.split(/\r?\n/).map((line, index) => ({ cells: line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")), number: index + 1 }));
  const rows = lines.filter(({ cells }) => cells.some(Boolean));
  /** @type {string[]} */
  let kinds = [];
  if (rows.length && !isNumber(rows[0].cells.at(-1))) kinds = /** @type {any} */ (rows.shift()).cells.map(kind);
  else if (rows.length && rows[0].cells.length > 1) {
    const first = rows.map(({ cells }) => Number(cells[0]));
    const counts = first.every((step, index) => Number.isInteger(step) && step >= (first[index - 1] ?? 0));
    kinds = [counts ? "step" : "rate", "rate"];
  } else kinds = ["rate"];
  return rows.map(({ cells, number }) => [cells[kinds.indexOf("step")], cells[kinds.indexOf("rate")], number]);
}

/** Return the rates of the first group in the file *name*. @param {string} name @param {string} text @returns {RateLog} */
export function readLog(name, text) {
  if (text.length > LARGEST) throw new Error(`found ${text.length} characters, expected at most ${LARGEST}`);
  const body = text.replace(/^\ufeff/, "");
  const rows = /\.(jsonl|ndjson|json)$/i.test(name) ? ofJson(body) : ofTable(body, /\.(tsv|txt)$/i.test(name) ? "\t" : ",");
  if (!rows.length) throw new Error(`found no rates, expected ${EXPECTED}`);
  /** @type {RateLog} */
  const log = { steps: [], rates: [] };
  rows.forEach(([given, rate, number], index) => {
    const step = given === undefined ? index : isNumber(given) ? Number(given) : -1;
    if (!isNumber(rate)) throw new Error(`line ${number}: found no rate, expected ${EXPECTED}`);
    if (!Number.isInteger(step) || step < 0 || step <= (log.steps.at(-1) ?? -1)) throw new Error(`line ${number}: found the step ${String(given)}, expected whole steps in increasing order`);
    log.steps.push(step);
    log.rates.push(Number(rate));
  });
  return log;
}

/**
 * Return the curves of the page that are nearest to *log*, by their largest difference relative to
 * the log's peak at the steps that both have.
 * @param {RateLog} log @param {any[]} subjects
 * @returns {{subject: any, side: string, error: number, common: number}[]}
 */
export function nearest(log, subjects) {
  const at = new Map(log.steps.map((step, index) => [step, log.rates[index]]));
  const peak = log.rates.reduce((most, rate) => Math.max(most, Math.abs(rate)), 0) || 1;
  const found = subjects.flatMap((subject) =>
    Object.entries(subject.curves.lines).map(([side, encoded]) => {
      const values = doubles(encoded);
      let [error, common] = [0, 0];
      subject.curves.t.forEach((/** @type {number} */ step, /** @type {number} */ index) => {
        const logged = at.get(step);
        if (logged === undefined || Number.isNaN(values[index])) return;
        common += 1;
        error = Math.max(error, Math.abs(values[index] - logged) / peak);
      });
      return { subject, side, error, common };
    }),
  );
  return found.filter(({ common }) => common >= Math.min(10, log.steps.length)).sort((a, b) => a.error - b.error || b.common - a.common).slice(0, 8);
}
