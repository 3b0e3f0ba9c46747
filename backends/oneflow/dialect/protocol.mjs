/** How OneFlow steps and composes its schedulers: `protocol.py` for a plain run of one group. */
import { passed } from "../../../src/lrspec/report/assets/functions.mjs";
import { Raised } from "../../../src/lrspec/report/assets/python.mjs";
import { departs } from "../../../src/lrspec/report/assets/rules.mjs";

export const functions = {
  groups: () => 1,
  increasing: (/** @type {number[]} */ values) => values.every((value, index) => index === 0 || values[index - 1] < value),
  integers: (/** @type {number[]} */ values) => values.every(Number.isInteger),
  lrs: (/** @type {any} */ optimizer) => [optimizer.group.lr],
};

class Scheduler {
  /** @type {any} */ optimizer;
  last_step = -1;
}

/** The base class: the constructor takes a step itself. */
class LRScheduler extends Scheduler {
  /** @type {number[]} */ base_lrs = [];

  /** @param {any} optimizer */
  start(optimizer, lastStep = -1) {
    this.optimizer = optimizer;
    this.last_step = lastStep;
    this.initBase();
    this.step();
  }

  initBase() {
    this.optimizer.group.initial_lr ??= this.optimizer.group.lr;
    this.base_lrs = [this.optimizer.group.initial_lr];
  }

  /** @param {number} _base @param {number} _t @returns {number} */
  get_lr(_base, _t) {
    departs("oneflow-member-without-get-lr");
    throw new Raised("NotImplementedError", "");
  }

  /** The rate that the C++ of an `nn.Graph` computes. @param {number} _base @param {number} _t @returns {number} */
  compiled(_base, _t) {
    departs("oneflow-member-without-get-lr");
    throw new Raised("NotImplementedError", "");
  }

  step() {
    this.last_step += 1;
    this.optimizer.group.lr = this.get_lr(this.base_lrs[0], this.last_step);
  }
}

/** LambdaLR: it overrides step(), and has no `get_lr` for a composition to call. */
class Lambda extends LRScheduler {
  /** @type {((t: number) => number)[]} */ lr_lambdas = [];

  step() {
    this.last_step += 1;
    this.optimizer.group.lr = this.base_lrs[0] * this.lr_lambdas[0](this.last_step);
  }
}

/** ReduceLROnPlateau: not stepped by its constructor, and stepped with a metric. */
class Plateau extends Scheduler {
  start() {}

  /** @param {number} _metric */
  learn(_metric) {}

  /** @param {number} metric */
  step(metric) {
    this.last_step += 1;
    this.learn(metric);
  }
}

/** A scheduler that contains others. */
class Composition extends LRScheduler {
  /** @type {any[]} */ schedulers = [];
}

/** Members that run one after another; by default they count from the start of the run. */
class SequentialLR extends Composition {
  /** @type {number[]} */ milestones = [];
  /** @type {boolean[]} */ rescaled = [];

  /** @param {any} given */
  init({ optimizer, schedulers, milestones, interval_rescaling = false }) {
    this.begin(optimizer, schedulers, milestones, interval_rescaling);
  }

  /** @param {any} optimizer @param {any[]} schedulers @param {number[]} milestones @param {any} rescaling */
  begin(optimizer, schedulers, milestones, rescaling) {
    if (milestones.length !== schedulers.length - 1) {
      throw new Raised("ValueError", "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, .*");
    }
    this.schedulers = schedulers;
    this.milestones = milestones;
    this.rescaled = Array.isArray(rescaling) ? rescaling : milestones.map(() => rescaling);
    if (!this.rescaled.every(Boolean)) departs("oneflow-sequence-global-time");
    this.start(optimizer);
  }

  /** The member of step *t*, and its own step. @param {number} t @returns {[any, number]} */
  member(t) {
    const index = passed(this.milestones, t);
    return [this.schedulers[index], index > 0 && this.rescaled[index - 1] ? t - this.milestones[index - 1] : t];
  }

  step() {
    this.last_step += 1;
    const [member, step] = this.member(this.last_step);
    member.last_step = step;
    this.optimizer.group.lr = member.get_lr(this.base_lrs[0], step);
  }

  /** @param {number} base @param {number} t */
  compiled(base, t) {
    const [member, step] = this.member(t);
    return member.compiled(base, step);
  }
}

/** Members that each use the rate of the previous member as their base rate. */
class ChainedScheduler extends Composition {
  /** @param {{schedulers: any[]}} given */
  init({ schedulers }) {
    if (schedulers.some((member) => !(member instanceof LRScheduler))) throw new Raised("ValueError", "ChainedScheduler expects a list of schedulers");
    this.schedulers = schedulers;
    this.start(schedulers[0].optimizer);
  }

  step() {
    this.last_step += 1;
    let rate = this.schedulers[0].base_lrs[0];
    for (const member of this.schedulers) {
      rate = member.get_lr(rate, this.last_step);
      member.last_step = this.last_step;
    }
    this.optimizer.group.lr = rate;
  }
}

/** A line or a constant, then a scheduler that counts from the start of the run. */
class WarmupLR extends SequentialLR {
  /** @param {any} given */
  init({ scheduler_or_optimizer, warmup_factor = 1 / 3, warmup_iters = 5, warmup_method = "linear", warmup_prefix = false }) {
    const inner = scheduler_or_optimizer instanceof LRScheduler ? scheduler_or_optimizer : undefined;
    if (!inner && scheduler_or_optimizer instanceof Scheduler) {
      throw new Raised("ValueError", "'scheduler_or_optimizer' must be a LRScheduler or an Optimizer, but got .*");
    }
    if (!inner && warmup_iters === 0) {
      throw new Raised("ValueError", "When 'scheduler_or_optimizer' is an optimizer warmup_iters can't be equal to 0");
    }
    if (warmup_factor === 1 / 3) departs("oneflow-warmup-start");
    if (inner && !warmup_prefix) departs("oneflow-warmup-global-time");
    const optimizer = inner ? inner.optimizer : scheduler_or_optimizer;
    this.optimizer = optimizer;
    this.initBase();
    const members = inner ? [inner] : [];
    if (warmup_iters > 0) {
      const common = { optimizer, total_iters: warmup_iters };
      const base = this.base_lrs[0];
      const end = inner && !warmup_prefix && warmup_method === "linear" ? inner.get_lr(base, warmup_iters) / base : 1;
      const warmup =
        warmup_method === "constant"
          ? optimizer.create("ConstantLR", { ...common, factor: warmup_factor })
          : optimizer.create("LinearLR", { ...common, start_factor: warmup_factor, end_factor: end });
      members.unshift(warmup);
    }
    const between = members.length > 1;
    this.begin(optimizer, members, between ? [warmup_iters] : [], between ? [warmup_prefix] : []);
  }
}

/** lrspec's own class, `set_by_hand.py`. */
class SetByHand {
  /** @type {any} */ optimizer;
  /** @type {number[]} */ boundaries = [];
  /** @type {number[]} */ values = [];
  epoch = 0;

  /** @param {{optimizer: any, boundaries: number[], values: number[]}} given */
  init({ optimizer, boundaries, values }) {
    [this.optimizer, this.boundaries, this.values, this.epoch] = [optimizer, boundaries, values, 0];
    optimizer.group.lr = values[this.piece()];
  }

  piece() {
    return passed(this.boundaries, this.epoch);
  }

  step() {
    const before = this.piece();
    this.epoch += 1;
    if (this.piece() !== before) this.optimizer.group.lr = this.values[this.piece()];
  }
}

export const classes = { LRScheduler, Lambda, Plateau, SequentialLR, ChainedScheduler, WarmupLR, SetByHand };

/** A run in OneFlow: an eager one, or one of an `nn.Graph`, whose base rate and rates are float32. */
export class Session {
  /** @param {(optimizer: any) => any} build @param {number} base @param {string} mode */
  constructor(build, base, mode) {
    /** @type {any} */
    this.optimizer = { group: { lr: base, momentum: 0 } };
    this.scheduler = build(this.optimizer);
    this.graph = mode === "oneflow-graph";
    this.base = Math.fround(this.optimizer.group.initial_lr ?? this.optimizer.group.lr);
    this.t = 0;
    if (this.graph) {
      for (const leaf of leaves(this.scheduler)) {
        try {
          leaf.compiled(this.base, 0);
        } catch (error) {
          if (!["Abort", "ZeroDivisionError", "OverflowError"].includes(/** @type {any} */ (error).type)) throw error;
        }
      }
      this.scheduler.compiled(this.base, 0);
    }
  }

  rate() {
    return this.graph ? Math.fround(this.scheduler.compiled(this.base, this.t)) : this.optimizer.group.lr;
  }

  /** @param {...number} metric */
  step(...metric) {
    this.t += 1;
    if (!this.graph) this.scheduler.step(...metric);
  }
}

/** The schedulers in *scheduler*, or itself: a graph is compiled from all of them. @param {any} scheduler @returns {any[]} */
function leaves(scheduler) {
  return scheduler instanceof Composition ? scheduler.schedulers.flatMap(leaves) : [scheduler];
}
