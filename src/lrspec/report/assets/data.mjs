/**
 * The page's data, and what is read from it.
 * @typedef {{situation: string, scenario: string, first: number, size?: number, count: number,
 *   causes?: string[], error?: string, arguments?: string[]}} Bite
 * @typedef {{best: string, native?: string, standalone?: string, ran?: string, checked?: string,
 *   ports?: Record<string, {source: string, certificate: string}>}} Code
 * @typedef {{t: number[], end: number, marks: [number, string][], lines: Record<string, string | number[]>}} Curves
 * @typedef {{id: string, title: string, published: boolean, steps: number, recipe: object,
 *   unsupported: Record<string, string>, bites: Record<string, Bite[]>, code: Record<string, Code>,
 *   departing: string[], curves: Curves}} Subject
 * @typedef {{cause: string, do: string, right: string}} Departure
 */

/** Return the doubles that are encoded in *text*. @param {string | number[]} text @returns {number[]} */
export function doubles(text) {
  if (typeof text !== "string") return text;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

/** Return a size relative to the peak, in percent. @param {number} size @returns {string} */
export function percent(size) {
  const value = 100 * size;
  return value >= 1000 ? `${Math.round(value).toLocaleString("en")} %` : `${Number(value.toPrecision(3))} %`;
}

/** Return the first sentence of *text*; a rejection is told by its second. @param {string} text */
export function firstSentence(text) {
  const sentences = text.split(/(?<=[.!?])\s+(?=[A-Z`])/);
  return sentences[0].startsWith("Rejected") && sentences.length > 1 ? sentences[1] : sentences[0];
}

/**
 * Return the at most three differences that bite in the ticked situations, the worst first.
 * @param {Bite[]} bites @param {Set<string>} ticked @returns {Bite[]}
 */
export function worst(bites, ticked) {
  const weight = (/** @type {Bite} */ b) => b.size ?? Infinity;
  const once = ticked.has("once") && bites.find((b) => b.situation === "once");
  const known = (/** @type {Bite} */ b) => once && b.situation === "past" && b.first === once.first && b.causes?.[0] === once.causes?.[0];
  return bites
    .filter((b) => ticked.has(b.situation === "defaults" ? "once" : b.situation) && !known(b))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, 3);
}
