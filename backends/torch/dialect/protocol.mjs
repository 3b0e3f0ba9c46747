/** How PyTorch steps and composes its schedulers: `protocol.py` for a plain run of one group. */
import { passed } from "../../../src/lrspec/report/assets/functions.mjs";
import { Raised } from "../../../src/lrspec/report/assets/python.mjs";
import { departs } from "../../../src/lrspec/report/assets/rules.mjs";

/** @param {string} name @param {any} value */
function perGroup(name, value) {
  if (!Array.isArray(value)) return [value];
  if (value.length !== 1) throw new Raised("ValueError", `${name} must have the same length as optimizer.param_groups. .*`);
  return value;
}

export const functions = {
  filled: (/** @type {any} */ _old, /** @type {any} */ value) => value,
  ends: (/** @type {any[]} */ phases) => phases.map((phase) => phase.end_step),
  phases: (/** @type {number[]} */ ends) => ends.map((end_step) => ({ end_step })),
  groups: () => 1,
  lrs: (/** @type {any} */ optimizer) => [optimizer.group.lr],
  per_group: perGroup,
};

class Scheduler {
  /** @returns {number} */
  get_lr() {
    throw new Raised("NotImplementedError", "");
  }
}

/** The base class: the constructor takes a step itself. */
class LRScheduler extends Scheduler {
  _is_initial = false;
  /** @type {any} */ optimizer;
  _step_count = 0;
  last_epoch = -1;

  /** @param {any} optimizer @param {number} lastEpoch */
  start(optimizer, lastEpoch = -1) {
    this.optimizer = optimizer;
    optimizer.group.initial_lr ??= optimizer.group.lr;
    this.base_lrs = [optimizer.group.initial_lr];
    this.last_epoch = lastEpoch;
    if (!("_schedule_phases" in this)) checkBaseRate(optimizer);
    this._initial_step();
  }

  get jumped() {
    return this.optimizer.jumped;
  }

  /** Whether the current step is the one that the constructor takes. */
  get building() {
    return this._is_initial;
  }

  get initial() {
    return this._is_initial;
  }

  _initial_step() {
    this._step_count = 0;
    this._is_initial = true;
    try {
      this.step();
    } finally {
      this._is_initial = false;
    }
  }

  /** @param {number} [epoch] */
  step(epoch) {
    this._step_count += 1;
    this._update_lr(epoch);
  }

  /** @param {number} [epoch] */
  _update_lr(epoch) {
    this.optimizer.jumped = epoch !== undefined;
    this.last_epoch = epoch === undefined ? this.last_epoch + 1 : epoch;
    const closed = epoch !== undefined && "_get_closed_form_lr" in this;
    this.optimizer.group.lr = closed ? /** @type {any} */ (this)._get_closed_form_lr() : this.get_lr();
  }
}

/** Record the departure if OneCycleLR has overwritten the base rate. @param {any} optimizer */
function checkBaseRate(optimizer) {
  if ("min_lr" in optimizer.group) departs("torch-one-cycle-base-rate");
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
    this.optimizer.group.lr = this.get_lr();
  }
}

/** ReduceLROnPlateau: not stepped by its constructor, and stepped with a metric. */
class Plateau extends Scheduler {
  last_epoch = 0;

  start() {}

  /** @param {number} _metric */
  learn(_metric) {}

  /** @param {number} metric */
  step(metric) {
    this.last_epoch += 1;
    this.learn(metric);
  }
}

/** A scheduler that contains others. */
class Composition extends Scheduler {
  /** @type {any} */ optimizer;
  /** @type {any[]} */ _schedulers = [];
  last_epoch = 0;
}

/** Members that run one after another; each is built, and so stepped, before this class. */
class SequentialLR extends Composition {
  /** @type {number[]} */ _milestones = [];

  /** @param {{optimizer: any, schedulers: any[], milestones: number[]}} given */
  init({ optimizer, schedulers, milestones }) {
    checkMembers("SequentialLR", schedulers);
    if (milestones.length !== schedulers.length - 1) {
      throw new Raised("ValueError", "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, .*");
    }
    this._schedulers = schedulers;
    this._milestones = milestones;
    this.last_epoch = 0;
    this.optimizer = optimizer;
    optimizer.group.lr = optimizer.group.initial_lr;
    checkBaseRate(optimizer);
    undo(this);
    const member = schedulers[passed(milestones, 0)];
    if (member instanceof Composition) departs("torch-sequence-begins-with-a-composition");
    member._initial_step();
  }

  step() {
    this.last_epoch += 1;
    const index = passed(this._milestones, this.last_epoch);
    const member = this._schedulers[index];
    if (index > 0 && this._milestones[index - 1] === this.last_epoch) {
      if (member instanceof Composition) departs("torch-sequence-member-without-update");
      member._update_lr(0);
    } else member.step();
  }

  _initial_step = LRScheduler.prototype._initial_step;
  _update_lr = LRScheduler.prototype._update_lr;
}

/** Undo the last step of every member that is not a composition. @param {any} scheduler */
function undo(scheduler) {
  if (scheduler instanceof Composition) scheduler._schedulers.forEach(undo);
  else scheduler.last_epoch -= 1;
}

/** Members that all change the optimizer's rate at every step, one after another. */
class ChainedScheduler extends Composition {
  /** @param {{schedulers: any[]}} given */
  init({ schedulers }) {
    checkMembers("ChainedScheduler", schedulers);
    departs("torch-chain-on-one-rate");
    this._schedulers = schedulers;
    this.optimizer = schedulers[0].optimizer;
  }

  step() {
    for (const member of this._schedulers) member.step();
  }

  _initial_step = LRScheduler.prototype._initial_step;
  _update_lr = LRScheduler.prototype._update_lr;
}

/** @param {string} name @param {any[]} schedulers */
function checkMembers(name, schedulers) {
  const index = schedulers.findIndex((member) => member instanceof Plateau);
  if (index >= 0) throw new Raised("ValueError", `${name} does not support \`ReduceLROnPlateau\` scheduler .* ${index} .*`);
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

export const classes = { LRScheduler, Restarts, Plateau, SequentialLR, ChainedScheduler, SetByHand };

/** A run in PyTorch. */
export class Session {
  /** @param {(optimizer: any) => any} build @param {number} base */
  constructor(build, base) {
    this.optimizer = { group: { lr: base, momentum: 0 }, jumped: false };
    this.scheduler = build(this.optimizer);
  }

  rate() {
    return this.optimizer.group.lr;
  }

  /** @param {...number} metric */
  step(...metric) {
    this.scheduler.step(...metric);
  }
}
