// The sliding window. `solve` is pure: from the traits to every number on screen. `SlidingWindow` shows it.

import { INPUTS, KERNELS, fit, flip, kernel, pad, picture, plane, products, sum } from "../../kit/convolution.js";
import { axis, clampTo, isInside, readersOf } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import {
  bar, button, classes, codeLine, complainAt, formula, h, icon, numberField, patch, select, setAttribute, setChildren,
    setText, sign, spoken,
} from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { breadth, callCode, equals, factor, format, parse, tuple } from "../../kit/words.js";

/** The size pairs of a state: widths follow heights unless they are set apart. */
function pairs(s) {
  const pair = (name) => [s[`${name}_h`], s.apart ? s[`${name}_w`] : s[`${name}_h`]];
  return { kernel: pair("kernel"), padding: pair("padding"), stride: pair("stride"), dilation: pair("dilation") };
}

function axisAt(s, size, i) {
  return axis(i ? s.input_w : s.input_h, size.kernel[i], size.stride[i], size.padding[i], size.dilation[i]);
}

/** How much padding the mode can make of an input: it may not run out of cells to take. */
function mostPadding(s, side) {
  return { reflect: s[`input_${side}`] - 1, circular: s[`input_${side}`] }[s.padding_mode] ?? Infinity;
}

/** Why there is no output, as { key, values } of a sentence, or null. */
export function problem(s) {
  const size = pairs(s);
  const { groups } = s;
  for (const trait of ["in_channels", "out_channels"]) {
    if (s[trait] % groups) return { key: "problem_groups", values: { groups, trait, channels: s[trait] } };
  }
  for (const [i, side] of ["h", "w"].entries()) {
    const [input, padding] = [s[`input_${side}`], size.padding[i]];
    if (padding > mostPadding(s, side)) return { key: `problem_${s.padding_mode}`, values: { side, padding, input } };
  }
  const [height, width] = ["h", "w"].map((side, i) => {
    const { output, kernel, effective, padded, dilation } = axisAt(s, size, i);
    if (output > 0) return null;
    return { key: dilation > 1 ? "problem_dilated" : "problem_kernel",
      values: { side, kernel, effective, padded, dilation } };
  });
  const same = (name) => height.values[name] === width.values[name];
  const alike = height && width && ["kernel", "padded", "dilation"].every(same);
  if (alike) height.values.side = "both";
  return height ?? width;
}

// What could be changed where there is no output; how far its control reaches is sent.
const KNOBS = [
  "padding_h", "padding_w", "kernel_h", "kernel_w", "dilation_h", "dilation_w", "input_h", "input_w", "groups",
];

/**
 * The two smallest changes, of one control each, that give a state without output one: [{ trait, value }, …]. Where no
 * single change does, those that leave another problem than this one. Controls that are shown come first.
 */
export function mends(s) {
  const before = problem(s);
  const reach = (trait) => {
    const [low, high] = s.tables.limits[trait];
    const values = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((value) => value !== s[trait]);
    const changes = values.map((value) => ({ trait, value, change: Math.abs(value - s[trait]) }));
    return changes.sort((a, b) => a.change - b.change);
  };
  const changes = KNOBS.filter((trait) => s.apart || !trait.endsWith("_w") || trait === "input_w").map(reach);
  if (s.padding_mode !== "zeros") changes.push([{ trait: "padding_mode", value: "zeros", change: 1 }]);
  const after = ({ trait, value }) => problem({ ...s, [trait]: value });
  const another = (wrong) => !wrong || wrong.key !== before.key || wrong.values.side !== before.values.side;
  const firsts = (good) => changes.map((one) => one.find((change) => good(after(change)))).filter(Boolean);
  const cures = firsts((wrong) => !wrong);
  const hidden = ({ trait }) => Number(!s.shown.includes(controlOf(trait)));
  const found = cures.length ? cures : firsts(another);
  return found.sort((a, b) => hidden(a) - hidden(b) || a.change - b.change).slice(0, 2);
}

/** The name in `show` of the control that sets a trait. */
function controlOf(trait) {
  const [, name] = /^(input|kernel|padding|stride|dilation)_[hw]$/.exec(trait) ?? [null, trait];
  return { input: "input_size", kernel: "kernel_size" }[name] ?? name;
}

/** The planes of input, weight and bias that a state stands for, presets worked out. */
export function tensors(s) {
  const size = pairs(s);
  const planes = Math.max(1, Math.floor(s.in_channels / s.groups));
  const input = Array.from({ length: s.in_channels }, (_, c) =>
    s.input_preset === "custom"
      ? fit(s.input_values[c], s.input_h, s.input_w)
      : picture(s.input_preset, [s.input_h, s.input_w], c, s.seed));
  const weight = Array.from({ length: s.out_channels }, (_, o) => {
    const preset = s.kernel_presets[o] ?? "custom";
    return Array.from({ length: planes }, (_, c) =>
      preset === "custom"
        ? fit(s.weight_values[o]?.[c], size.kernel[0], size.kernel[1])
        : kernel(preset, size.kernel, s.seed + 31 * o + 7 * c));
  });
  const bias = Array.from({ length: s.out_channels }, (_, o) => (s.use_bias ? (s.bias_values[o] ?? 0) : 0));
  return { input, weight, bias };
}

/** Everything that is shown: the tensors, both axes, the padded input, the whole output. */
export function solve(s) {
  const size = pairs(s);
  const { input, weight, bias } = tensors(s);
  const slid = s.flipped ? weight.map((filter) => filter.map(flip)) : weight;
  const axes = [0, 1].map((i) => axisAt(s, size, i));
  const wrong = problem(s);
  const paddable = ["h", "w"].every((side, i) => size.padding[i] <= mostPadding(s, side));
  const padded = input.map((channel) => pad(channel, paddable ? size.padding : [0, 0], s.padding_mode));
  const solved = { ...s, size, input, weight, bias, slid, axes, wrong, padded, perGroup: weight[0].length, output: [] };
  if (!wrong) {
    const value = (o) => (r, c) => windowAt(solved, o, r, c).value;
    solved.output = weight.map((_, o) => plane(axes[0].output, axes[1].output, value(o)));
    solved.position = clampPosition(solved, s.position);
  }
  solved.filter = Math.min(s.filter, s.out_channels - 1);
  return solved;
}

function clampPosition({ axes }, place) {
  return clampTo(place, axes.map((a) => a.output));
}

/** The channels of the input that filter o reads. */
export function channelsOf({ in_channels, out_channels, groups, perGroup }, o) {
  const first = Math.floor(o / (out_channels / groups)) * perGroup;
  return Array.from({ length: perGroup }, (_, i) => first + i).filter((c) => c < in_channels);
}

/** The arithmetic of one window: products plane by plane, their sums, the total, plus bias. */
export function windowAt(solved, o, r, c, weight = solved.slid) {
  const { axes, padded, bias, size } = solved;
  const planes = channelsOf(solved, o).map((channel, i) => {
    const terms = products(padded[channel], weight[o][i], r * axes[0].stride, c * axes[1].stride, size.dilation);
    return { channel, terms, total: sum(terms.flat().map((term) => term.product)) };
  });
  const total = sum(planes.map((one) => one.total));
  return { planes, total, bias: bias[o], value: total + bias[o] };
}

/** The output cells that cell (r, c) of the padded input feeds, as "row,column". */
export function fedBy({ axes }, r, c) {
  const columns = readersOf(axes[1], c);
  return readersOf(axes[0], r).flatMap((row) => columns.map((column) => `${row},${column}`));
}

/** nn.Conv2d for exactly this state, arguments at their defaults left out. */
export function code({ in_channels, out_channels, size, padding_mode, groups, use_bias, flipped }) {
  const { kernel: kernel_size, stride, padding, dilation } = size;
  const named = { kernel_size, stride, padding, dilation, groups, bias: use_bias, padding_mode };
  return callCode("nn.Conv2d", [in_channels, out_channels], named) + (flipped ? "  # weight.flip(-2, -1)" : "");
}

/** Where the outline stands after t windows of a film, gliding from one to the next in the last part of each. */
export function glide({ axes }, t) {
  const columns = axes[1].output;
  const index = Math.min(Math.floor(t), axes[0].output * columns - 1);
  const next = Math.min(index + 1, axes[0].output * columns - 1);
  const part = Math.max(0, (t - index - 0.5) * 2);
  const ease = part >= 1 ? 1 : part * part * (3 - 2 * part);
  const [a, b] = [index, next].map((i) => [Math.floor(i / columns) * axes[0].stride, (i % columns) * axes[1].stride]);
  return { index, top: a[0] + (b[0] - a[0]) * ease, left: a[1] + (b[1] - a[1]) * ease };
}

/**
 * How to lay planes and maps out in a width, with letters of `em` pixels: the sides of their cells, so that numbers
 * can be read and all is seen at once; whether the planes are too dense for numbers, the maps stand below the planes,
 * products run on as text.
 */
export function layOut({ padded, weight, output, axes: [rows, columns], perGroup }, width, em) {
  // The widest number of each, in em of its own letters, and from it the least cell in which it can be read, and one
  // for the last row.
  const widestOf = (tensor) => Math.max(...tensor.flat(4).map((value) => breadth(format(value))), 0.7);
  const [input, kernel, map] = [padded, weight, output].map(widestOf);
  const plane = Math.max(input, kernel);
  const readable = (number) => em * Math.max(1.5, 0.8 * number);
  const wanted = (number, height) =>
    Math.min(em * Math.max(3.4, 1.05 * number), Math.max((36 * em) / height, 2 * em, readable(number)));
  // All in one row, with room for signs, gaps, and sums beside the kernels. Where that does not fit, the maps go below.
  const room = width - (perGroup > 1 ? 14 : 8) * em;
  // As at stride 1, so that no cell changes its size while the stride does.
  const [mapRows, mapColumns] = [rows, columns].map((a) => (a.output ? a.padded - a.effective + 1 : 4));
  const planeColumns = columns.padded + columns.kernel;
  const least = columns.padded > 16 ? 0.75 * em : readable(plane);
  const below = planeColumns * least + mapColumns * readable(map) > room;
  const widest = below
    ? (width - em) / Math.max(columns.padded, columns.kernel + 2)
    : Math.min(room / (planeColumns + mapColumns), (room - mapColumns * readable(map)) / planeColumns);
  const cell = Math.max(Math.min(wanted(plane, padded.length * rows.padded), widest), Math.min(least, 16));
  const beside = (width - 3 * em) / (weight.length * mapColumns) - 1; // a map below, if all stand in a row
  const widestMap = below ? Math.max(beside, readable(map)) : (room - planeColumns * cell) / mapColumns;
  const mapWanted = wanted(map, weight.length * mapRows);
  const mapCell = Math.max(Math.min(mapWanted, widestMap, (width - 3 * em) / mapColumns, 1.5 * cell), 12);
  const product = em * (0.8 * (input + kernel) + 4); // both factors, with sign and brackets
  const half = (side) => Math.floor(2 * side) / 2;
  return { cell: half(cell), mapCell: half(mapCell), dense: cell < 1.1 * em, below,
    flow: columns.kernel * product > width };
}

const SPEEDS = [0.5, 1, 2, 4, 8, 16, 60];

/** The window slides by itself: buttons, a track, and the clock behind them. */
class Film {
  constructor(view) {
    this.view = view;
    this.playing = null; // { t, last } while it plays
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.icons = { play: icon("play"), pause: icon("pause") };
    this.play = button(view.say("play"), this.icons.play, () => (this.playing ? this.stop() : this.start()));
    const step = (label, name, index) => button(view.say(label), icon(name), () => this.goTo(index()));
    this.buttons = [
      step("to_start", "start", () => 0), step("step_back", "back", () => this.index - 1), this.play,
      step("step_forward", "forward", () => this.index + 1), step("to_end", "end", () => this.count - 1),
    ];
    const slide = () => this.goTo(Number(this.track.value));
    this.track = h("input", { type: "range", min: 0, "aria-label": view.say("position"), oninput: slide });
    this.counter = h("span", { class: "cl-counter" });
    const speeds = SPEEDS.map((speed) => [String(speed), view.say("per_second", { speed })]);
    const speed = select(view.say("speed"), speeds, (value) => view.set({ speed: Number(value) }));
    view.bound.push([speed, "speed"]);
    this.element = bar(view.say("film"), ...this.buttons, this.track, this.counter, speed.element);
    this.element.classList.add("cl-film");
    const onScreen = new IntersectionObserver(([entry]) => !entry.isIntersecting && this.stop());
    onScreen.observe(view.el);
    view.atEnd(() => onScreen.disconnect());
  }

  get count() {
    const [rows, columns] = this.view.solved.axes;
    return rows.output * columns.output;
  }

  get index() {
    const { position: [r, c], axes } = this.view.solved;
    return r * axes[1].output + c;
  }

  goTo(index) {
    this.stop();
    this.show(index);
  }

  show(index) {
    const columns = this.view.solved.axes[1].output;
    const i = Math.min(Math.max(index, 0), this.count - 1);
    this.view.go([Math.floor(i / columns), i % columns]);
  }

  start() {
    if (this.view.solved.wrong) return;
    if (this.index === this.count - 1) this.show(0);
    this.view.redraw();
    this.playing = { t: this.index, last: null };
    this.view.redraw();
    requestAnimationFrame((now) => this.tick(now));
  }

  stop() {
    if (!this.playing) return;
    this.playing = null;
    this.view.redraw();
  }

  tick(now) {
    const { view, playing } = this;
    if (!playing || view.signal?.aborted || !view.el.isConnected) return void (this.playing = null);
    playing.t += playing.last === null ? 0 : (Math.min(now - playing.last, 250) / 1000) * view.solved.speed;
    playing.last = now;
    if (view.solved.wrong || playing.t >= this.count - 1 + 0.5) {
      if (!view.solved.wrong) this.show(this.count - 1);
      return this.stop();
    }
    const { index, top, left } = glide(view.solved, playing.t);
    if (index !== this.index) this.show(index);
    if (!this.still.matches) view.glideTo(top, left);
    requestAnimationFrame((next) => this.tick(next));
  }

  paint() {
    const { view, play, track } = this;
    const { wrong, position: [row, column] } = view.solved;
    if (wrong) this.playing = null;
    for (const control of [...this.buttons, track]) control.disabled = Boolean(wrong);
    setText(this.counter, wrong ? "" : `${this.index + 1} / ${this.count}`);
    track.max = wrong ? 0 : this.count - 1;
    track.value = wrong ? 0 : this.index;
    if (!wrong) setAttribute(track, "aria-valuetext", view.say("at", { row, column }));
    const does = this.playing ? "pause" : "play";
    setChildren(play, [this.icons[does]]);
    if (play.ariaLabel !== view.say(does)) play.ariaLabel = play.title = view.say(does);
  }
}

/** The arithmetic of one window, written out: products as they stand in the kernel, sums of planes, bias, output. */
class Arithmetic {
  constructor(view) {
    this.view = view;
    this.blocks = [];
    this.fields = []; // of the biases
    this.live = spoken();
    this.element = h("div", { class: "cl-sums" });
    this.final = h("div", { class: "cl-final" });
    this.before = h("span");
    this.after = h("b", { class: "cl-value" });
    this.both = h("div", { class: "cl-both" });
    this.element.addEventListener("pointerover", (event) => {
      const { dataset } = event.target.closest("[data-plane]") ?? {};
      const place = dataset && { plane: Number(dataset.plane), r: Number(dataset.r), c: Number(dataset.c) };
      view.look(place ? { on: "term", ...place } : null);
    });
    this.element.addEventListener("pointerleave", () => view.look(null));
  }

  field(o) {
    const { view } = this;
    this.fields[o] ??= numberField({
      class: "cl-entry cl-bias", size: 4, "aria-label": view.say("bias_of", { filter: o }),
      onkeydown: (event) => event.stopPropagation(),
      onchange: ({ target }) => {
        const number = parse(target.value);
        const bad = Number.isFinite(number) ? "" : view.words.edit_bad;
        if (complainAt(target, bad, { text: target.value })) view.setBias(o, number);
      },
    });
    return this.fields[o];
  }

  write(now, o, [row, column], lit) {
    const { view } = this;
    if (!now) {
      this.element.replaceChildren();
      setText(this.live, ""); // the message above is an alert of its own
      return;
    }
    setAttribute(this.element, "role", "group");
    setAttribute(this.element, "aria-label", view.say("arithmetic"));
    const blocks = now.planes.map((one, p) => this.writePlane(one, p, now.planes.length > 1, lit));
    this.writeFinal(now, o, row, column);
    setChildren(this.element, [...blocks, this.final, ...this.writeBoth(o, row, column)]);
    if (view.film.playing) return;
    const terms = now.planes.flatMap((one) => one.terms.flat()).map(({ x, w }) => `${factor(x)}×${factor(w)}`);
    const values = { row, column, products: terms.join(" + "), bias: format(now.bias), value: format(now.value) };
    setText(this.live, view.say(view.solved.use_bias ? "spoken_bias" : "spoken",
      { ...values, equals: equals(now.value) }));
  }

  block(p) {
    const made = () => {
      const [head, rows, total] = [
        h("span", { class: "cl-caption" }), h("div", { class: "cl-terms" }), h("span", { class: "cl-result" }),
      ];
      return { head, rows, total, terms: [], element: h("div", { class: "cl-sum" }, head, rows, total) };
    };
    return (this.blocks[p] ??= made());
  }

  writePlane(one, p, several, lit) {
    const { view } = this;
    const { head, rows, total, terms, element } = this.block(p);
    const flat = one.terms.flat();
    const width = one.terms[0].length;
    while (terms.length < flat.length) terms.push(h("span", { class: "cl-product" }));
    setChildren(rows, terms.slice(0, flat.length));
    rows.style.setProperty("--columns", width);
    flat.forEach(({ x, w }, k) => {
      const term = terms[k];
      setText(term, `${k ? "+ " : ""}${factor(x)}×${factor(w)}`);
      const [r, c] = [Math.floor(k / width), k % width];
      Object.assign(term.dataset, { plane: p, r, c });
      const { kernel } = lit;
      term.classList.toggle("cl-lit", Boolean(kernel && kernel.plane === p && kernel.r === r && kernel.c === c));
    });
    head.hidden = !several;
    setText(head, view.say("plane", { channel: one.channel }));
    total.hidden = !several && !view.solved.use_bias;
    setText(total, `${equals(...flat.flatMap(({ x, w }) => [x, w]), one.total)} ${format(one.total)}`);
    return element;
  }

  writeFinal(now, o, row, column) {
    const { view } = this;
    const { use_bias } = view.solved;
    const totals = now.planes.length > 1 ? now.planes.map(({ total }) => total) : [];
    const values = totals.length ? totals.map(factor).join(" + ") : format(now.total);
    const bias = use_bias || now.bias ? ` + ${view.say("bias_short")} ` : "";
    const sum = totals.length || bias ? ` ${equals(...totals, now.total)} ${values}` : "";
    setText(this.before, `${view.say("output_at", { row, column })}${sum}${bias}`);
    setText(this.after, `${equals(...totals, now.total, now.bias, now.value)} ${format(now.value)}`);
    const field = this.field(o);
    if (document.activeElement !== field) field.value = format(now.bias);
    setChildren(this.final, use_bias ? [this.before, field, this.after] : [this.before, this.after]);
  }

  /**
   * Both kinds of convolution side by side, once the kernel is flipped: before that, the second one is for the learner
   * to find.
   */
  writeBoth(o, row, column) {
    const { view } = this;
    const { solved } = view;
    if (!solved.flipped) return [];
    const [cross, convolution] = [solved.weight, solved.slid].map((weight) => {
      const { value } = windowAt(solved, o, row, column, weight);
      return `${equals(value)} ${format(value)}`;
    });
    setText(this.both, view.say(solved.use_bias ? "both_bias" : "both", { cross, convolution }));
    return [this.both];
  }
}

class SlidingWindow extends View {
  // Position and filter are read where they are shown: moving the window leaves the rest as it is.
  static traits = [
    "input_h", "input_w", "kernel_h", "kernel_w", "padding_h", "padding_w", "stride_h", "stride_w", "dilation_h",
    "dilation_w", "apart",
    "padding_mode", "in_channels", "out_channels", "groups", "use_bias", "flipped", "input_preset", "kernel_presets",
    "seed",
    "input_values", "weight_values", "bias_values", "whole_map", "speed", "shown",
  ];

  build() {
    this.inputGrids = [];
    this.kernelGrids = [];
    this.mapGrids = [];
    this.planes = []; // the rows that they stand in, with their signs and totals
    this.makeChoices();
    this.bar = bar(this.say("choices"));
    this.message = this.alert();
    this.nothing = h("div", { class: "cl-caption" }, this.say("no_output"));
    this.planesBox = h("div", { class: "cl-planes" });
    this.mapsBox = h("div", { class: "cl-maps" });
    this.stage = h("div", { class: "cl-stage" }, this.planesBox, sign("→"), this.mapsBox);
    this.film = new Film(this);
    this.arithmetic = new Arithmetic(this);
    this.hint = h("div", { class: "cl-hint" });
    this.legend = h("div", { class: "cl-legend" });
    this.makeKeys();
    const told = h("div", { class: "cl-told" }, this.legend, this.hint);
    this.formulas = h("div", { class: "cl-formulas", role: "group", "aria-label": this.say("formula") });
    this.dropped = h("div", { class: "cl-dropped" });
    this.shapes = h("span", { class: "cl-shapes" });
    this.parameters = h("span");
    const axes = h("span", {}, `${this.say("axes")} `, this.shapes);
    this.line = codeLine(this.words, this.say("code"), axes, this.parameters);
    this.onWidth(this.el, () => this.fitCells());
    const { element, live } = this.arithmetic;
    return [this.bar, this.message, this.stage, told, this.film.element, element, live, this.formulas, this.dropped,
      this.line.element];
  }

  hidden(trait) {
    return ["kernel_w", "padding_w", "stride_w", "dilation_w"].includes(trait) && !this.get("apart");
  }

  // --- Choices

  makeChoices() {
    const own = (name) => (name === "custom" ? { input_values: this.solved.input } : {});
    const choosePreset = (name) => this.choosePreset(name);
    this.kernels = select(this.say("kernel"), this.named([...Object.keys(KERNELS), "custom"], "preset"), choosePreset);
    this.controls = {
      input: this.menu("input_preset", "input", [...Object.keys(INPUTS), "custom"], "preset", (name) =>
        this.set({ input_preset: name, ...own(name) })),
      kernel: this.kernels,
      padding_mode: this.modeMenu(),
      bias: this.flag("use_bias", undefined, "bias"),
      apart: this.apartFlag(["kernel", "padding", "stride", "dilation"]),
      flipped: this.flag("flipped"),
      whole_map: this.flag("whole_map"),
      large: this.flag("large"),
      reset: { element: this.resetButton() },
    };
    const dice = h("span", {}, icon("dice"), ` ${this.say("reroll")}`);
    this.reroll = button(this.say("reroll"), dice, () => this.set({ seed: this.solved.seed + 1 }));
  }

  presets(count = this.solved.out_channels) {
    return Array.from({ length: count }, (_, o) => this.solved.kernel_presets[o] ?? "custom");
  }

  choosePreset(name) {
    const { out_channels, kernel_presets, filter } = this.solved;
    const presets = this.presets(Math.max(out_channels, kernel_presets.length));
    if (name === "custom") return this.storeFilter(presets, filter);
    presets[filter] = name;
    this.set({ kernel_presets: presets });
  }

  /** Make filter o the learner's own, beginning with the values it has. */
  storeFilter(presets, o, change = (filter) => {}) {
    const stored = structuredClone(this.get("weight_values"));
    while (stored.length <= o) stored.push([]);
    stored[o] = laidOver(presets[o] === "custom" ? stored[o] : [], this.solved.weight[o]);
    change(stored[o]);
    presets[o] = "custom";
    this.set({ weight_values: stored, kernel_presets: presets });
  }

  editInput(channel, r, c, value) {
    // The cell may have gone while its field was open.
    if (!this.isInput(r, c) || channel >= this.solved.in_channels) return;
    const { input_preset, input, size: { padding: [top, left] } } = this.solved;
    const values = laidOver(input_preset === "custom" ? structuredClone(this.get("input_values")) : [], input);
    values[channel][r - top][c - left] = value;
    this.set({ input_preset: "custom", input_values: values });
  }

  editWeight(plane, r, c, value) {
    const { size: { kernel: [height, width] }, flipped, perGroup, filter } = this.solved;
    if (plane >= perGroup || r >= height || c >= width) return;
    const [row, column] = flipped ? [height - 1 - r, width - 1 - c] : [r, c];
    this.storeFilter(this.presets(), filter, (planes) => (planes[plane][row][column] = value));
  }

  setBias(o, value) {
    const { out_channels, bias_values } = this.solved;
    const length = Math.max(out_channels, bias_values.length);
    this.set({ bias_values: Array.from({ length }, (_, k) => (k === o ? value : (bias_values[k] ?? 0))) });
  }

  // --- The picture

  isInput(r, c) {
    return isInside(this.solved.axes, r, c);
  }

  inputGrid(channel) {
    let dragged = false;
    const grid = new Grid(this.words, "input", {
      point: (cell) => this.look(cell && { on: "input", channel, ...cell }),
      press: (cell) => this.isInput(cell.r, cell.c) && !dragged,
      edit: (r, c, value) => this.editInput(channel, r, c, value),
    });
    let dragging = null; // where in the window it was taken
    // Inside the window a drag moves the window; elsewhere the page scrolls as usual.
    grid.grid.addEventListener("pointerdown", (event) => {
      const cell = event.target.closest(".cl-tap, .cl-gap");
      dragged = false;
      if (!cell || this.solved.wrong || !event.isPrimary) return;
      const { position, size: { stride } } = this.solved;
      dragging = [Number(cell.dataset.r) - position[0] * stride[0], Number(cell.dataset.c) - position[1] * stride[1]];
      if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
    });
    grid.grid.addEventListener("pointermove", (event) => {
      if (dragging && event.buttons === 0) dragging = null;
      if (!dragging) return;
      const box = grid.body.getBoundingClientRect();
      const side = box.width / grid.columns;
      const at = [event.clientY - box.top, event.clientX - box.left].map((way) => Math.floor(way / side));
      const to = clampPosition(this.solved,
        at.map((one, i) => Math.round((one - dragging[i]) / this.solved.size.stride[i])));
      if (String(to) === String(this.solved.position)) return;
      dragged = true;
      this.drag(to);
    });
    document.addEventListener("pointerup", () => (dragging = null), { signal: this.signal });
    return grid;
  }

  kernelGrid(i) {
    return new Grid(this.words, "kernel", {
      point: (cell) => this.look(cell && { on: "kernel", plane: i, ...cell }),
      edit: (r, c, value) => this.editWeight(i, r, c, value),
    });
  }

  mapGrid(o) {
    const grid = new Grid(this.words, "output", {
      point: (cell) => this.look(cell && { on: "output", filter: o, ...cell }),
      press: ({ r, c }) => (this.set({ position: [r, c], filter: o }), false),
      move: (r, c) => this.set({ position: [r, c], filter: o }),
    });
    // A pressed pointer drawn over the map takes the window along.
    grid.grid.addEventListener("pointermove", (event) => {
      const under = event.buttons === 1 && document.elementFromPoint(event.clientX, event.clientY);
      const cell = under && grid.cellOf({ target: under });
      if (cell) this.drag([cell.r, cell.c], o);
    });
    grid.grid.addEventListener("pointerdown", (event) => event.target.releasePointerCapture?.(event.pointerId));
    return grid;
  }

  /** Take the window along with a pressed pointer, which then points at nothing. */
  drag(to, filter) {
    this.hovered = null;
    this.go(to, filter);
  }

  go([r, c], filter = this.solved.filter) {
    const { position } = this.solved;
    if (position[0] === r && position[1] === c && this.solved.filter === filter) return;
    this.set({ position: [r, c], filter });
  }

  glideTo(top, left) {
    const [height, width] = this.solved.axes.map((a) => a.effective);
    for (const channel of channelsOf(this.solved, this.solved.filter)) {
      this.inputGrids[channel].frame({ top, left, height, width });
    }
  }

  // --- Showing it all

  draw(s, changed) {
    const [position, filter] = [this.get("position"), this.get("filter")];
    if (changed) {
      this.solved = solve({ ...s, position, filter });
      this.layout(s);
    }
    const { solved } = this;
    solved.filter = Math.min(filter, s.out_channels - 1);
    if (!solved.wrong) solved.position = clampPosition(solved, position);
    this.paint();
  }

  /** What follows from sizes and choices, not from where the window stands. */
  layout(s) {
    const { solved } = this;
    const has = (name) => s.shown.includes(name);
    const random = s.input_preset === "random" || s.kernel_presets.includes("random");
    const controls = s.tables.choices.filter(has).map((name) => this.controls[name].element);
    const last = has("reset") ? controls.length - 1 : controls.length;
    setChildren(this.bar, random ? [...controls.slice(0, last), this.reroll, ...controls.slice(last)] : controls);
    this.message.hidden = !solved.wrong;
    if (solved.wrong) setText(this.message, `${this.explain(solved.wrong)} ${this.advise(mends(s))}`);
    const enough = (grids, count, make) => {
      while (grids.length < count) grids.push(make(grids.length));
    };
    enough(this.inputGrids, s.in_channels, (c) => this.inputGrid(c));
    enough(this.kernelGrids, solved.perGroup, (i) => this.kernelGrid(i));
    enough(this.mapGrids, s.out_channels, (o) => this.mapGrid(o));
    const letters = !s.apart && s.input_h === s.input_w ? [""] : ["h", "w"];
    const dilation = has("dilation");
    patch(this.formulas, h("div", {}, ...letters.map((letter, i) => formula(letter, solved.axes[i], { dilation }))));
    setText(this.dropped, solved.wrong ? "" : this.leftOver());
    setChildren(this.legend, this.keys.filter(([, applies]) => applies()).map(([key]) => key));
    this.layoutCode(s);
    this.fitCells();
  }

  leftOver() {
    const lines = this.solved.axes.map(({ padded, effective, stride, leftOver }, i) =>
      leftOver && this.say(`left_over_${"hw"[i]}`, { padded, effective, stride, count: leftOver }));
    return lines.filter(Boolean).join("\n");
  }

  layoutCode(s) {
    const { axes, weight, wrong } = this.solved;
    this.line.set(code(this.solved));
    const map = wrong ? this.say("no_output") : tuple([1, s.out_channels, ...axes.map((a) => a.output)]);
    setText(this.shapes, `${tuple([1, s.in_channels, s.input_h, s.input_w])} → ${map}`);
    const [weights, bias] = [weight.flat(3).length, s.out_channels];
    const values = { weights, bias, count: weights + bias };
    setText(this.parameters, this.say(s.use_bias ? "parameters_bias" : "parameters", values));
  }

  explain({ key, values: { side, ...values } }) {
    return this.say(key, { side: side && this.say(`side_${side}`), ...values });
  }

  advise(changes) {
    const name = (trait) => this.words[`slider_${trait}`] ?? this.say(trait);
    const named = changes.map(({ trait, value }) => this.say("mend_one", { name: name(trait), value }));
    return this.say("mend", { changes: named.join(this.say("mend_or")) });
  }

  /** The largest cells with which all is seen at once. */
  fitCells() {
    const { cell, mapCell, dense, below, flow } = layOut(this.solved, this.width, this.em);
    this.stage.style.setProperty("--cell", `${cell}px`);
    this.mapsBox.style.setProperty("--cell", `${mapCell}px`);
    this.stage.classList.toggle("cl-dense", dense);
    this.stage.classList.toggle("cl-below", below);
    this.arithmetic.element.classList.toggle("cl-flow", flow);
  }

  makeKeys() {
    const swatch = (kind) => h("span", { class: "cl-key" },
      h("span", { class: `cl-cell cl-${kind}`, "aria-hidden": "true" }), this.say(`key_${kind}`));
    this.keys = [
      [swatch("tap"), () => !this.solved.wrong],
      [swatch("gap"), () => !this.solved.wrong && Math.max(...this.solved.size.dilation) > 1],
      [swatch("pad"), () => Math.max(...this.solved.size.padding) > 0],
      [swatch("unreached"), () => this.solved.axes.some((a) => a.unreached.length > 0)],
      [h("span", {}, this.say("key_edit")), () => true],
      [h("span", {}, this.say("key_map")), () => this.solved.out_channels > 1],
    ];
  }

  /** What follows from where the window stands and where the pointer is. */
  paint() {
    const { solved, hovered: on } = this;
    const { axes, wrong } = solved;
    const onMap = on?.on === "output" && !wrong && on.r < axes[0].output && on.c < axes[1].output;
    const o = onMap ? Math.min(on.filter, solved.out_channels - 1) : solved.filter;
    const place = onMap ? [on.r, on.c] : wrong ? [0, 0] : solved.position;
    const now = wrong ? null : windowAt(solved, o, place[0], place[1]);
    const window = this.windowOf(o, place);
    const lit = this.lit(window);
    this.film.paint();
    this.paintPlanes(now, window, lit);
    this.paintMaps(window, lit, onMap ? on : null);
    this.kernels.set(solved.kernel_presets[solved.filter] ?? "custom");
    this.arithmetic.write(now, o, place, lit);
    this.legend.classList.toggle("cl-away", Boolean(lit.fed || lit.swept));
    const fed = lit.fed && (lit.fed.size ? this.say("feeds", { count: lit.fed.size }) : this.say("feeds_none"));
    setText(this.hint, wrong ? "" : fed ? fed : lit.swept ? this.say("swept") : "");
  }

  /** Where a window stands: of filter o, at an output place; `tapAt` gives the kernel cell over a cell of the input. */
  windowOf(o, [row, column]) {
    const { axes, size } = this.solved;
    const [top, left] = [row * axes[0].stride, column * axes[1].stride];
    const [height, width] = axes.map((a) => a.effective);
    const tapAt = (r, c) => {
      const [i, j] = [(r - top) / size.dilation[0], (c - left) / size.dilation[1]];
      const within = i >= 0 && j >= 0 && i < size.kernel[0] && j < size.kernel[1];
      return within && Number.isInteger(i) && Number.isInteger(j) ? [i, j] : null;
    };
    const covers = (r, c) => r >= top && c >= left && r < top + height && c < left + width;
    return { o, row, column, channels: channelsOf(this.solved, o), frame: { top, left, height, width }, tapAt, covers };
  }

  /**
   * What lights up with what the pointer is on: a cell of the input, of the kernel; the output cells that are fed;
   * those that are swept.
   */
  lit({ channels, frame, tapAt }) {
    const { solved, hovered: on } = this;
    const lit = { input: null, kernel: null, fed: null, swept: null };
    if (!on || solved.wrong) return lit;
    if (on.on === "term" || on.on === "kernel") {
      const [r, c] = [frame.top + on.r * solved.size.dilation[0], frame.left + on.c * solved.size.dilation[1]];
      return { ...lit, kernel: on, input: { channel: channels[on.plane], r, c },
        swept: on.on === "kernel" ? on : null };
    }
    if (on.on !== "input") return lit;
    const tap = channels.includes(on.channel) ? tapAt(on.r, on.c) : null;
    const kernel = tap && { plane: channels.indexOf(on.channel), r: tap[0], c: tap[1] };
    return { ...lit, fed: new Set(fedBy(solved, on.r, on.c)), input: on, kernel };
  }

  paintPlanes(now, window, lit) {
    const unreached = this.solved.axes.map((a) => new Set(a.unreached));
    setChildren(this.planesBox, this.solved.padded.map((values, channel) => {
      const i = window.channels.indexOf(channel);
      this.paintInput(values, channel, i, window, lit, unreached);
      const plane = (this.planes[channel] ??= {
        line: h("div", { class: "cl-plane" }), sign: sign("⊙"), total: h("div", { class: "cl-total" }),
      });
      const parts = [this.inputGrids[channel].element];
      if (i >= 0) parts.push(plane.sign, this.paintKernel(channel, i, window.o, lit));
      if (i >= 0 && now && this.solved.perGroup > 1) {
        setText(plane.total, `${equals(now.planes[i].total)} ${format(now.planes[i].total)}`);
        parts.push(plane.total);
      }
      setChildren(plane.line, parts);
      return plane.line;
    }));
  }

  /** The input's channel that plane i of the kernel reads; -1: none does. */
  paintInput(values, channel, i, { frame, tapAt, covers }, lit, [rows, columns]) {
    const { solved } = this;
    const { axes, wrong, size } = solved;
    const grid = this.inputGrids[channel];
    const used = i >= 0 && !wrong;
    const [inside, outside] = [`${solved.input_h}×${solved.input_w}`, `${values.length}×${values[0].length}`];
    const padded = inside === outside ? inside : this.say("padded_to", { inside, outside });
    const about = i < 0 && !wrong ? this.say("unread") : padded;
    const name = solved.in_channels > 1 ? this.say("input_channel", { channel }) : this.say("input");
    const swept = used && lit.swept?.plane === i ? lit.swept : null;
    const sweeps = (a, at, k, dilation) => {
      const step = (at - k * dilation) / a.stride;
      return Number.isInteger(step) && step >= 0 && step < a.output;
    };
    const isSwept = (r, c) => swept
      && sweeps(axes[0], r, swept.r, size.dilation[0]) && sweeps(axes[1], c, swept.c, size.dilation[1]);
    const isLit = (r, c) => lit.input?.channel === channel && lit.input.r === r && lit.input.c === c;
    const missed = (r, c) => rows.has(r) || columns.has(c);
    grid.display(values, `${name} (${about})`, (r, c) => classes(
      !this.isInput(r, c) && "cl-pad", missed(r, c) && "cl-unreached",
      used && covers(r, c) && (tapAt(r, c) ? "cl-tap" : "cl-gap"), isSwept(r, c) && "cl-swept", isLit(r, c) && "cl-lit",
    ), (r, c, text) => this.cellName(r, c, text, missed(r, c)), `${size.padding}`);
    grid.frame(used ? frame : null);
    grid.element.classList.toggle("cl-unused", i < 0 && !wrong);
  }

  cellName(r, c, text, unreached) {
    const [ph, pw] = this.solved.size.padding;
    const place = this.isInput(r, c)
      ? this.say("cell", { row: r - ph, column: c - pw, value: text })
      : this.say("cell_padding", { value: text });
    return unreached ? `${place}, ${this.say("unreached")}` : place;
  }

  paintKernel(channel, i, filter, lit) {
    const { out_channels, perGroup, size, slid } = this.solved;
    const key = out_channels > 1 ? "kernel_of" : perGroup > 1 ? "kernel_plane" : "kernel";
    const caption = `${this.say(key, { filter, channel })} (${size.kernel.join("×")})`;
    const isLit = (r, c) => lit.kernel?.plane === i && lit.kernel.r === r && lit.kernel.c === c;
    this.kernelGrids[i].display(slid[filter][i], caption, (r, c) => (isLit(r, c) ? "cl-lit" : ""));
    return this.kernelGrids[i].element;
  }

  paintMaps({ o, row, column }, lit, looking) {
    const { solved } = this;
    const { axes, wrong } = solved;
    const last = this.film.index;
    const shown = (r, c) => solved.whole_map || r * axes[1].output + c <= last
      || (looking && looking.r === r && looking.c === c);
    const feeds = (k) => lit.fed && channelsOf(solved, k).includes(lit.input.channel);
    setChildren(this.mapsBox, wrong ? [this.nothing] : solved.output.map((values, k) => {
      const grid = this.mapGrids[k];
      const name = solved.out_channels > 1 ? this.say("map_of", { filter: k }) : this.say("output");
      const seen = values.map((cells, r) => cells.map((value, c) => (shown(r, c) ? value : null)));
      const fed = feeds(k);
      grid.display(seen, `${name} (${axes[0].output}×${axes[1].output})`, (r, c) => classes(
        k === o && r === row && c === column && "cl-now", fed && lit.fed.has(`${r},${c}`) && "cl-lit",
          !shown(r, c) && "cl-empty",
      ));
      if (k === solved.filter) this.takeFocusAlong(grid);
      return grid.element;
    }));
  }

  takeFocusAlong(grid) {
    const [r, c] = this.solved.position;
    if (grid.at.r === r && grid.at.c === c) return;
    if (grid.grid.contains(document.activeElement)) grid.focus({ r, c });
    else grid.rove({ r, c });
  }
}

/** Planes laid over stored ones from the top left corner: what lies outside stays, gaps become 0. */
function laidOver(stored, planes) {
  return Array.from({ length: Math.max(stored.length, planes.length) }, (_, k) => {
    const [old, own] = [stored[k] ?? [], planes[k] ?? []];
    return Array.from({ length: Math.max(old.length, own.length) }, (_, r) => {
      const length = Math.max(old[r]?.length ?? 0, own[r]?.length ?? 0);
      return Array.from({ length }, (_, c) => own[r]?.[c] ?? old[r]?.[c] ?? 0);
    });
  });
}

export default SlidingWindow.open("sliding_window");
