/** The colour and the dash of each side: the same everywhere. @type {Record<string, [string, number[]]>} */
const STYLES = {
  specification: ["--text", []],
  torch: ["--torch", [8, 4]],
  paddle: ["--paddle", [12, 3]],
  oneflow: ["--oneflow", [2, 3]],
  "oneflow-graph": ["--graph", [6, 2, 2, 2]],
};
/** The dashes of recipes, which all have one colour. @type {number[][]} */
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 5], [2, 6]];

/** @param {string} name @returns {string} */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Return the style of the side *name*. @param {string} name @returns {[string, number[]]} */
export const styleOf = (name) =>
  STYLES[name] ?? [name.startsWith("log-") ? "--mine" : "--text", DASHES[Number(name.split("-")[1]) % DASHES.length]];

/** The ticks of a logarithmic scale. */
const DECADES = [1e-16, 1e-12, 1e-8, 1e-4, 1];

/** A rate in few digits. @param {number | null} x */
export const short = (x) => (x === null || !Number.isFinite(x) ? "—" : String(Number(x.toPrecision(6))));

/**
 * Draw *lines* over *t* in *box*, replacing what is there.
 * @param {HTMLElement} box
 * @param {number[]} t
 * @param {{name: string, title: string, values: (number | null)[]}[]} lines
 * @param {{scale?: "linear" | "log" | "difference", height?: number, marks?: [number, string][], end?: number,
 *   shaded?: [number, number][], sync?: string}} options
 */
export function draw(box, t, lines, options = {}) {
  box.replaceChildren();
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 0.5 }, font: "12px monospace" };
  const steps = t.length > 1 && t[t.length - 1] - t[0] <= 120;
  const plot = new uPlot(
    {
      width: Math.max(box.clientWidth, 260),
      height: options.height ?? 240,
      padding: [options.marks?.length ? 20 : 10, null, null, null],
      legend: { markers: { width: 2, stroke: (/** @type {any} */ u, /** @type {any} */ i) => u.series[i].stroke(), dash: (/** @type {any} */ _, /** @type {any} */ i) => (styleOf(lines[i - 1].name)[1].length ? "dashed" : "solid") } },
      cursor: options.sync ? { sync: { key: options.sync } } : {},
      scales: { x: { time: false }, y: options.scale === "difference" ? { distr: 3, range: differences } : options.scale === "log" ? { distr: 3 } : { range: fullRange } },
      axes: [
        { ...axis, label: options.scale === undefined ? undefined : "update", labelSize: 18, labelFont: "12px sans-serif", size: 28 },
        {
          ...axis,
          size: 74,
          ...(options.scale === "difference" ? { splits: () => DECADES, filter: (/** @type {unknown} */ _, /** @type {number[]} */ splits) => splits } : {}),
          values: (/** @type {any} */ _, /** @type {any} */ ticks) => ticks.map((/** @type {any} */ v) => (v === null ? "" : String(Number(v.toPrecision(6))))),
        },
      ],
      series: [
        { label: "update", value: (/** @type {any} */ _, /** @type {any} */ v) => (v === null ? "—" : String(v)) },
        ...lines.map((line) => ({
          label: line.title,
          stroke: colour(styleOf(line.name)[0]),
          dash: styleOf(line.name)[1],
          width: /^(specification|recipe)/.test(line.name) ? 1 : 2,
          paths: steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
          points: { show: options.scale === "difference" && t.length < 300, size: 4 },
          value: (/** @type {any} */ _, /** @type {any} */ v) => short(v),
        })),
      ],
      hooks: { drawClear: [(/** @type {any} */ u) => shade(u, options.shaded ?? [])], draw: [(/** @type {any} */ u) => rule(u, options)] },
    },
    [t, ...lines.map((line) => line.values)],
    box,
  );
  return plot;
}

/** @param {unknown} _ @param {number} low @param {number} high */
function fullRange(_, low, high) {
  if (low === null || !Number.isFinite(low)) return [0, 1];
  const pad = (high - low || Math.abs(high) || 1) * 0.04;
  return [low >= 0 ? 0 : low - pad, high + pad];
}

/** From rounding to the whole rate at least. @param {unknown} _ @param {number} low @param {number} high */
function differences(_, low, high) {
  return [1e-17, Math.max(high || 0, 1)];
}

/** @param {any} u @param {[number, number][]} ranges */
function shade(u, ranges) {
  const { left, width } = u.bbox;
  u.ctx.fillStyle = `${colour("--mark")}88`;
  for (const [from, to] of ranges) {
    const x = u.valToPos(from, "x", true);
    u.ctx.fillRect(x, u.bbox.top, Math.max(Math.min(u.valToPos(to, "x", true), left + width) - x, 2), u.bbox.height);
  }
}

/** Draw the landmarks and the end of the schedule as vertical lines with labels. @param {any} u @param {{marks?: [number, string][], end?: number}} options */
function rule(u, { marks = [], end }) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.textAlign = "left";
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  ctx.fillStyle = ctx.strokeStyle = colour("--soft");
  let free = -Infinity;
  /** @type {[number, string][]} */
  const last = end === undefined ? [] : [[end, "end"]];
  for (const [step, name] of [...marks, ...last].sort((a, b) => a[0] - b[0])) {
    const x = u.valToPos(step, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(name).width;
    if (x > free && x + width < bbox.left + bbox.width) {
      ctx.fillText(name, x, bbox.top - 4 * devicePixelRatio);
      free = x + width + 6;
    }
  }
  ctx.restore();
}
