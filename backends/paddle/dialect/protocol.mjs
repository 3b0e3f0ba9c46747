/** How Paddle steps and nests its schedulers: `protocol.py` for a plain run of one group. */
import { Raised } from "../../../src/lrspec/report/assets/python.mjs";
import { departs } from "../../../src/lrspec/report/assets/rules.mjs";

/** The base class: the constructor takes a step itself. */
class LRScheduler {
  starting = false;
  jumped = false;
  last_lr = NaN;
  last_epoch = -1;

  /** @param {number} rate @param {number} lastEpoch */
  start(rate, lastEpoch = -1) {
    if (typeof rate !== "number") throw new Raised("TypeError", "The type of learning rate must be float, but received .*");
    if (rate < 0) throw new Raised("ValueError", `Invalid learning rate: ${rate}`);
    this.base_lr = this.last_lr = rate;
    this.last_epoch = lastEpoch;
    this.starting = true;
    this.step();
    this.starting = false;
  }

  /** @param {number} [epoch] */
  step(epoch) {
    this.jumped = epoch !== undefined;
    this.last_epoch = epoch === undefined ? this.last_epoch + 1 : epoch;
    const closed = this.jumped && "_get_closed_form_lr" in this;
    this.last_lr = closed ? /** @type {any} */ (this)._get_closed_form_lr() : this.get_lr();
  }

  /** @returns {number} */
  get_lr() {
    throw new Raised("NotImplementedError", "");
  }
}

/** LinearWarmup: it jumps its inner scheduler to the step after the warmup. */
class Warmup extends LRScheduler {
  /** @type {any} */ learning_rate;
  warmup_steps = 0;

  inner_rate() {
    if (!(this.learning_rate instanceof LRScheduler)) return this.learning_rate;
    const step = this.last_epoch - this.warmup_steps;
    if (step === this.learning_rate.last_epoch && step > 0) departs("paddle-warmup-advanced-by-get-lr");
    this.learning_rate.step(step);
    return this.learning_rate.last_lr;
  }
}

/** CosineAnnealingWarmRestarts: its own step() counts within the cycle. */
class Restarts extends LRScheduler {
  last_epoch = -1;

  advance() {}

  /** @param {number} _epoch */
  jump(_epoch) {}

  /** @param {number} [epoch] */
  step(epoch) {
    const to = epoch ?? (this.last_epoch < 0 ? 0 : undefined);
    if (to === undefined) this.advance();
    else this.jump(to);
    this.last_epoch = to === undefined ? this.last_epoch + 1 : Math.floor(to);
    this.last_lr = this.get_lr();
  }
}

/** ReduceOnPlateau: not stepped by its constructor, and stepped with a metric. */
class Plateau extends LRScheduler {
  start() {}

  /** @param {number} _metric */
  learn(_metric) {}

  /** @param {number} [metric] */
  step(metric = NaN) {
    this.last_epoch += 1;
    this.learn(metric);
  }
}

export const functions = {
  increasing: (/** @type {number[]} */ values) => values.every((value, index) => index === 0 || values[index - 1] < value),
  is_scheduler: (/** @type {any} */ value) => value instanceof LRScheduler,
};
export const classes = { LRScheduler, Warmup, Restarts, Plateau };

/** A run in Paddle: one scheduler's rate. */
export class Session {
  /** @param {(optimizer: any) => any} build */
  constructor(build) {
    this.scheduler = build(null);
  }

  rate() {
    return this.scheduler.last_lr;
  }

  /** @param {...number} metric */
  step(...metric) {
    this.scheduler.step(...metric);
  }
}
