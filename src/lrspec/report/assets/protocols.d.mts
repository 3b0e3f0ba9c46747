/** Each framework's `dialect/protocol.mjs`; `report/script.py` writes this module into the page. */
export const PROTOCOLS: Record<string, import("./rules.mjs").Protocol>;
