// A small net in the browser: draw, and every layer's maps follow.

import { paint, pointable, signColors } from "../../kit/canvas.js";
import { plane, sum } from "../../kit/convolution.js";
import { clamp, clampTo, outputSize } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import { bar, button, checkbox, h, lay, setAttribute, setText, sign, spoken, stepOf } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format, tuple } from "../../kit/words.js";

const PEN = 2.5; // radius of the pen, in cells
const STEP = 2; // cells that an arrow key moves the pen
const BETWEEN = 0x5a808080; // what lies between maps: grey, and clear

/**
 * The input that a drawing of block × block cells a pixel stands for: inked cells of every pixel, divided by how many
 * there are.
 */
export function inputOf(bitmap, side, block) {
  const data = new Float64Array(side * side);
  const across = side * block;
  for (let i = 0; i < bitmap.length; i++) {
    if (bitmap[i] !== "1") continue;
    data[Math.floor(i / across / block) * side + Math.floor((i % across) / block)] += 1 / (block * block);
  }
  return { shape: [1, side, side], data };
}

/** Every layer's output for an input: { shape, data }, row after row; the first one is the input itself. */
export function forward(layers, input) {
  const made = [input];
  for (const layer of layers) made.push(FORWARD[layer.kind](layer, made.at(-1)));
  return made;
}

const FORWARD = {
  Conv2d({ shape: [O, C, KH, KW], weight, bias, stride: [sh, sw], padding: [ph, pw] }, { shape: [, H, W], data }) {
    const [OH, OW] = [outputSize(H, KH, sh, ph), outputSize(W, KW, sw, pw)];
    const output = new Float64Array(O * OH * OW);
    for (let o = 0; o < O; o++) for (let y = 0; y < OH; y++) for (let x = 0; x < OW; x++) {
      let total = bias[o];
      for (let c = 0; c < C; c++) for (let i = 0; i < KH; i++) {
        const r = y * sh - ph + i;
        if (r < 0 || r >= H) continue;
        const [row, taps] = [(c * H + r) * W, ((o * C + c) * KH + i) * KW];
        for (let j = 0; j < KW; j++) {
          const s = x * sw - pw + j;
          if (s >= 0 && s < W) total += data[row + s] * weight[taps + j];
        }
      }
      output[(o * OH + y) * OW + x] = total;
    }
    return { shape: [O, OH, OW], data: output };
  },
  ReLU: (_, { shape, data }) => ({ shape, data: data.map((value) => Math.max(0, value)) }),
  MaxPool2d({ kernel: [KH, KW], stride: [sh, sw], padding: [ph, pw] }, { shape: [C, H, W], data }) {
    const [OH, OW] = [outputSize(H, KH, sh, ph), outputSize(W, KW, sw, pw)];
    const output = new Float64Array(C * OH * OW).fill(-Infinity);
    for (let c = 0; c < C; c++) for (let y = 0; y < OH; y++) for (let x = 0; x < OW; x++) {
      const at = (c * OH + y) * OW + x;
      for (let i = 0; i < KH; i++) for (let j = 0; j < KW; j++) {
        const [r, s] = [y * sh - ph + i, x * sw - pw + j];
        if (r >= 0 && r < H && s >= 0 && s < W) output[at] = Math.max(output[at], data[(c * H + r) * W + s]);
      }
    }
    return { shape: [C, OH, OW], data: output };
  },
  Flatten: (_, { data }) => ({ shape: [data.length], data }),
  Linear({ shape: [O, I], weight, bias }, { data }) {
    const output = Float64Array.from(bias);
    for (let o = 0; o < O; o++) for (let i = 0; i < I; i++) output[o] += weight[o * I + i] * data[i];
    return { shape: [O], data: output };
  },
};

/** Scores as probabilities that add up to 1. */
export function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = [...scores].map((score) => Math.exp(score - highest));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

/** A layer's shape with three axes: a row of numbers is so many maps of one cell. */
export function volume({ shape }) {
  return shape.length === 3 ? shape : [shape[0], 1, 1];
}

/**
 * The value of unit [layer, channel, row, column]; clamped to what there is.
 * @returns {{ place: any, value: number }}
 */
export function unitOf(made, [layer, ...place]) {
  const l = clamp(layer, 0, made.length - 1);
  const sizes = volume(made[l]);
  const [c, y, x] = clampTo(place, sizes);
  return { place: [l, c, y, x], value: made[l].data[(c * sizes[1] + y) * sizes[2] + x] };
}

/**
 * What a unit is made of: `window`, the rows and columns of the layer below that it reads ({ top, left, height, width,
 * channel }, channel null: all of them); for a convolution each channel's sum of products, and values and weights of
 * the strongest one.
 * @returns {any}
 */
export function reads(layers, made, [l, c, y, x]) {
  if (l === 0) return { kind: "input" };
  const [layer, below] = [layers[l - 1], made[l - 1]];
  const [, H, W] = volume(below);
  const one = (top, left, channel) => ({ top, left, height: 1, width: 1, channel });
  if (layer.kind === "Linear") {
    const products = Array.from(below.data, (value, i) => value * layer.weight[c * below.data.length + i]);
    const window = { top: 0, left: 0, height: H, width: W, channel: null };
    return { kind: "linear", window, count: below.data.length, sum: sum(products), bias: layer.bias[c] };
  }
  if (layer.kind === "ReLU") {
    return { kind: "relu", window: one(y, x, c), before: unitOf(made, [l - 1, c, y, x]).value };
  }
  if (layer.kind === "Flatten") {
    const [channel, row, column] = [Math.floor(c / (H * W)), Math.floor((c % (H * W)) / W), c % W];
    return { kind: "flatten", window: one(row, column, channel), channel, row, column };
  }
  const [height, width] = layer.kernel;
  const [top, left] = [y, x].map((at, i) => at * layer.stride[i] - layer.padding[i]);
  const window = { top, left, height, width };
  if (layer.kind === "Conv2d") return { kind: "conv", ...convolved(layer, below, c, window) };
  const inside = plane(height, width, (i, j) => top + i >= 0 && left + j >= 0 && top + i < H && left + j < W);
  return { kind: "pool", window: { ...window, channel: c }, count: inside.flat().filter(Boolean).length };
}

function convolved(layer, below, filter, window) {
  const { top, left, height, width } = window;
  const [C, H, W] = volume(below);
  const inside = (r, s) => r >= 0 && s >= 0 && r < H && s < W;
  const read = (r, s, channel) => (inside(r, s) ? below.data[(channel * H + r) * W + s] : 0);
  const values = (channel) => plane(height, width, (i, j) => read(top + i, left + j, channel));
  const weights = (channel) =>
    plane(height, width, (i, j) => layer.weight[((filter * C + channel) * height + i) * width + j]);
  const sums = Array.from({ length: C }, (_, channel) => {
    const w = weights(channel);
    return sum(values(channel).flatMap((row, i) => row.map((value, j) => value * w[i][j])));
  });
  const channel = sums.reduce((best, value, i) => (Math.abs(value) > Math.abs(sums[best]) ? i : best), 0);
  const outside = plane(height, width, (i, j) => (inside(top + i, left + j) ? 0 : 1));
  const strongest = { channel, values: values(channel), weights: weights(channel), outside };
  return { window: { ...window, channel: null }, sums, bias: layer.bias[filter], ...strongest };
}

/**
 * The cells that the pen inks on its way from one place to another, on a drawing of size × size; places in cells,
 * fractions too.
 */
export function stroke([r0, c0], [r1, c1], size) {
  const cells = [];
  const [dr, dc] = [r1 - r0, c1 - c0];
  const length = dr * dr + dc * dc;
  const low = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - PEN));
  const high = (a, b) => Math.min(size - 1, Math.ceil(Math.max(a, b) + PEN));
  for (let r = low(r0, r1); r <= high(r0, r1); r++) for (let c = low(c0, c1); c <= high(c0, c1); c++) {
    const [y, x] = [r + 0.5 - r0, c + 0.5 - c0];
    const t = length ? clamp((y * dr + x * dc) / length, 0, 1) : 0;
    if ((y - t * dr) ** 2 + (x - t * dc) ** 2 <= PEN * PEN) cells.push(r * size + c);
  }
  return cells;
}

/** A layer as PyTorch's code; feature_maps.py has the same. */
export function layerName({ kind, shape, kernel, stride, padding }) {
  if (kind === "Linear") return `Linear(${shape[1]}, ${shape[0]})`;
  if (kind === "Conv2d") return callCode(kind, [shape[1], shape[0], kernel], { stride, padding });
  if (kind !== "MaxPool2d") return `${kind}()`;
  return callCode(kind, [kernel], { stride, padding }, { stride: kernel, padding: 0 });
}

/**
 * How a layer's maps are laid out on a canvas: so many columns, cells with a gap of one between maps (none in a row of
 * numbers).
 */
export function layout(made, columns) {
  const [count, height, width] = volume(made);
  const flat = made.shape.length === 1;
  const across = flat ? count : Math.min(count, columns);
  const gap = flat ? 0 : 1;
  const place = (channel, row, column) =>
    [Math.floor(channel / across) * (height + gap) + row, (channel % across) * (width + gap) + column];
  const rows = Math.ceil(count / across) * (height + gap) - gap;
  return { across, gap, place, rows, columns: across * (width + gap) - gap };
}

/** The unit under a cell of the canvas, or null in a gap. */
export function unitAt(made, columns, [r, c]) {
  const [count, height, width] = volume(made);
  const { across, gap } = layout(made, columns);
  const [down, row] = [Math.floor(r / (height + gap)), r % (height + gap)];
  const [along, column] = [Math.floor(c / (width + gap)), c % (width + gap)];
  const channel = down * across + along;
  return row < height && column < width && along < across && channel < count ? [channel, row, column] : null;
}

/** A layer's maps as pixels, the strongest of them in full colour; what lies between maps is grey. */
export function tiles(made, laid, colorOf) {
  const [count, height, width] = volume(made);
  const largest = made.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const pixels = new Uint32Array(laid.rows * laid.columns).fill(BETWEEN);
  for (let c = 0, i = 0; c < count; c++) for (let y = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
    const [r, s] = laid.place(c, y, x);
    pixels[r * laid.columns + s] = colorOf(made.data[i] / largest);
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** The sheet that is drawn on, by pointer and by keys. */
class Sheet {
  constructor(view) {
    this.view = view;
    this.size = view.get("side") * view.tables.block;
    this.last = null; // where the pointer was, while it draws
    this.cursor = [this.size / 2, this.size / 2]; // the pen of the keyboard
    this.down = this.erasing = false;
    const label = view.say("drawing_point");
    this.paper = h("canvas", { role: "application", tabindex: 0, class: "cl-draw-paper", "aria-label": label });
    this.nib = h("div", { class: "cl-nib", "aria-hidden": "true" });
    const lines = h("div", { class: "cl-draw-lines", "aria-hidden": "true" });
    lines.style.setProperty("--side", view.get("side"));
    this.element = h("div", { class: "cl-draw-sheet" }, this.paper, lines, this.nib);
    this.live = spoken();
    this.listen();
    this.moveNib();
  }

  at(event) {
    const box = this.paper.getBoundingClientRect();
    const place = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    return place.map((part) => part * this.size);
  }

  ink(from, to) {
    const cells = this.view.get("bitmap").split("");
    for (const at of stroke(from, to, this.size)) cells[at] = this.erasing ? "0" : "1";
    this.view.model.set("bitmap", cells.join(""));
  }

  listen() {
    const { paper, view } = this;
    paper.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      event.preventDefault();
      paper.focus({ preventScroll: true });
      paper.setPointerCapture(event.pointerId);
      this.last = this.at(event);
      this.ink(this.last, this.last);
    });
    paper.addEventListener("pointermove", (event) => {
      if (!this.last || !event.isPrimary) return;
      // A fast hand moves several times in a frame.
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const one of steps.length ? steps : [event]) {
        const to = this.at(one);
        this.ink(this.last, to);
        this.last = to;
      }
    });
    const lift = (event) => {
      if (!this.last || !event.isPrimary) return;
      this.last = null;
      view.model.save_changes();
      view.redraw();
    };
    paper.addEventListener("pointerup", lift);
    paper.addEventListener("pointercancel", lift);
    paper.addEventListener("keydown", (event) => this.key(event));
    paper.addEventListener("blur", () => ((this.down = false), this.moveNib()));
  }

  key(event) {
    const step = stepOf(event,
      { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], " ": [0, 0], Enter: [0, 0] });
    if (!step) return;
    const from = this.cursor;
    if (!step[0] && !step[1]) this.down = !this.down;
    this.cursor = from.map((place, k) => clamp(place + STEP * step[k], 0, this.size));
    if (this.down) {
      this.ink(from, this.cursor);
      this.view.model.save_changes();
    }
    this.moveNib();
    const [row, column] = this.cursor.map((place) => Math.floor(place / this.view.tables.block));
    setText(this.live, this.view.say(this.down ? "pen_down" : "pen_up", { row, column }));
  }

  moveNib() {
    lay(this.nib, { top: this.cursor[0] / this.size, left: this.cursor[1] / this.size });
    this.nib.classList.toggle("cl-nib-down", this.down);
  }

  show(bitmap, colorOf) {
    const pixels = Uint32Array.from(bitmap, (cell) => colorOf(Number(cell)));
    paint(this.paper, new Uint8ClampedArray(pixels.buffer), [this.size, this.size]);
  }
}

/** One layer's maps, with the unit that is looked at, or the windows that it reads. */
class Strip {
  constructor(view, layer, index) {
    this.view = view;
    this.layer = layer;
    this.index = index;
    this.seen = [];
    this.canvas = h("canvas", { role: "application", tabindex: 0 });
    this.spot = h("div", { class: "cl-map-spot", "aria-hidden": "true", hidden: true });
    this.frame = h("div", { class: "cl-map-frame" }, this.canvas, this.spot);
    this.caption = h("div", { class: "cl-caption" });
    this.element = h("div", { class: "cl-map-strip" }, this.caption, this.frame);
    pointable(this.canvas, {
      look: (cell) => view.look(cell && this.unit(cell)),
      go: (cell) => {
        const unit = this.unit(cell);
        if (unit) view.set({ unit });
      },
      step: (step) => this.walk(step),
      steps: {
        ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], PageUp: [-1, 0, 0],
        PageDown: [1, 0, 0],
      },
      drags: false,
    });
  }

  unit(cell) {
    const unit = unitAt(this.view.made[this.index], this.view.columns, cell);
    return unit && [this.index, ...unit];
  }

  walk(step) {
    const { view, index } = this;
    view.hovered = null;
    const [layer, ...place] = view.get("unit");
    const along = view.made[index].shape.length === 1 ? [sum(step), 0, 0] : step;
    const from = layer === index ? place.map((one, k) => one + along[k]) : [0, 0, 0];
    view.set({ unit: unitOf(view.made, [index, ...from]).place });
  }

  name() {
    return this.layer ? layerName(this.layer) : this.view.say("row_input", { shape: "" }).trim();
  }

  show(colorOf) {
    const { view, index, layer } = this;
    const made = view.made[index];
    const laid = layout(made, view.columns);
    paint(this.canvas, tiles(made, laid, colorOf), [laid.rows, laid.columns]);
    const flat = made.shape.length === 1;
    this.frame.style.width = flat ? "100%" : `${(100 * laid.across) / view.columns}%`;
    this.frame.classList.toggle("cl-flat", flat);
    const shape = tuple(made.shape);
    setText(this.caption, layer ? `${index} · ${layerName(layer)} → ${shape}` : view.say("row_input", { shape }));
    setAttribute(this.canvas, "aria-label", view.say("maps_point", { name: this.name(), shape }));
  }

  /** Mark the unit, if it is one of these, and the window that it reads, if it reads these. */
  mark([l, c, y, x], window) {
    const made = this.view.made[this.index];
    const laid = layout(made, this.view.columns);
    /** @type {(element: any, place: any, tall: number, wide: number) => void} */
    const box = (element, [row, column], tall, wide) => lay(element, {
      top: row / laid.rows, left: column / laid.columns, height: tall / laid.rows, width: wide / laid.columns,
    });
    this.spot.hidden = this.index !== l;
    if (this.index === l) box(this.spot, laid.place(c, y, x), 1, 1);
    const boxes = this.index === l - 1 && window ? this.boxesOf(window, made, laid) : [];
    while (this.seen.length < boxes.length) {
      const outline = h("div", { class: "cl-map-seen", "aria-hidden": "true" });
      this.seen.push(outline);
      this.frame.append(outline);
    }
    this.seen.forEach((outline, i) => {
      outline.hidden = i >= boxes.length;
      if (!outline.hidden) box(outline, boxes[i][0], boxes[i][1], boxes[i][2]);
    });
  }

  /** @returns {any[]} */
  boxesOf({ top, left, height, width, channel }, made, laid) {
    const [count, H, W] = volume(made);
    if (made.shape.length === 1) return channel === null ? [[[0, 0], 1, count]] : [[[0, channel], 1, 1]];
    const [from, to] = [[Math.max(top, 0), Math.max(left, 0)], [Math.min(top + height, H), Math.min(left + width, W)]];
    const channels = channel === null ? Array.from({ length: count }, (_, i) => i) : [channel];
    return channels.map((one) => [laid.place(one, from[0], from[1]), to[0] - from[0], to[1] - from[1]]);
  }
}

class FeatureMaps extends View {
  static traits = ["bitmap", "layers", "unit"];

  build() {
    this.made = []; // what every layer makes of the drawing
    this.madeOf = ""; // that drawing, and how its maps are laid out
    this.columns = 16;
    this.width = 0; // of the maps
    this.sheet = new Sheet(this);
    this.colorOf = signColors(this.get("palette"));
    const eraser = checkbox(this.say("eraser"), (on) => (this.sheet.erasing = on));
    const empty = () => this.set({ bitmap: "0".repeat(this.sheet.size ** 2) });
    const choices = this.choices(button(this.say("clear"), this.say("clear"), empty), eraser);
    this.strips = [null, ...this.get("layers")].map((layer, index) => new Strip(this, layer, index));
    const legend = h("div", { class: "cl-note cl-small" }, this.say("legend"));
    const right = h("div", { class: "cl-maps-right", role: "group", "aria-label": this.say("layers") },
      ...this.strips.map((one) => one.element), legend);
    this.onWidth(right, () => this.redraw());
    const stage = h("div", { class: "cl-maps-stage" }, this.drawingBox(), right);
    return [this.examplesBar(), choices, stage, this.inspector(), this.live, this.unitLive, this.sheet.live];
  }

  examplesBar() {
    const examples = this.get("examples").map(([label, bitmap]) =>
      button(this.say("example", { label }), label, () => this.set({ bitmap })));
    const box = bar(this.say("examples"), h("span", {}, this.say("examples")), ...examples);
    box.hidden = !examples.length;
    return box;
  }

  /** The sheet with what the net reads on it. */
  drawingBox() {
    this.reading = h("div", { class: "cl-reading" });
    this.live = spoken();
    this.bars = this.get("classes").map((label) => {
      const [filled, number, score] =
        ["cl-bar-fill", "cl-percent", "cl-class-score"].map((look) => h("span", { class: look }));
      const element = h("div", { class: "cl-class", role: "listitem" },
        h("b", { class: "cl-class-name" }, label), h("div", { class: "cl-bar-track" }, filled), number, score);
      return { element, filled, number, score };
    });
    const list = h("div", { class: "cl-classes", role: "list", "aria-label": this.say("prediction") },
      ...this.bars.map((one) => one.element));
    const heads = h("div", { class: "cl-class cl-class-heads cl-note cl-small", "aria-hidden": "true" },
      h("span"), h("span", {}, this.say("probability")), h("span", { class: "cl-class-score" }, this.say("score")));
    const help = this.say("drawing_help", { cells: this.sheet.size, side: this.get("side") });
    return h("div", { class: "cl-maps-left" }, h("div", { class: "cl-caption" }, this.say("drawing")),
      this.sheet.element,
      h("div", { class: "cl-note cl-small" }, help), this.reading, heads, list);
  }

  /** What a unit is made of. */
  inspector() {
    this.unitName = h("div", { class: "cl-caption" });
    this.why = h("div", { class: "cl-why" });
    this.windowGrid = new Grid(this.words, "input");
    this.kernelGrid = new Grid(this.words, "kernel");
    this.grids = h("div", { class: "cl-unit-grids" }, this.windowGrid.element, sign("⊙"), this.kernelGrid.element);
    this.unitLive = spoken();
    return h("div", { class: "cl-inspector", role: "group" }, this.unitName, this.why, this.grids);
  }

  draw(s) {
    this.columns = this.width < 520 || s.large ? 8 : 16;
    const key = `${this.columns} ${s.bitmap}`;
    if (key !== this.madeOf) {
      this.madeOf = key;
      this.made = forward(s.layers, inputOf(s.bitmap, this.get("side"), s.tables.block));
      this.sheet.show(s.bitmap, this.colorOf);
      for (const strip of this.strips) strip.show(this.colorOf);
      this.showPrediction(s);
    } else if (!this.sheet.last) setText(this.live, this.reading.textContent);
    this.showUnit(s);
  }

  showPrediction(s) {
    const scores = this.made.at(-1).data;
    const probabilities = softmax(scores);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const percent = (probability) => (100 * probability).toFixed(1);
    this.bars.forEach(({ element, filled, number, score }, i) => {
      filled.style.transform = `scaleX(${probabilities[i].toFixed(4)})`;
      setText(number, `${percent(probabilities[i])} %`);
      setText(score, format(scores[i]));
      element.classList.toggle("cl-class-best", i === best);
    });
    const values = { label: this.get("classes")[best], percent: percent(probabilities[best]) };
    const text = this.say(s.bitmap.includes("1") ? "reads" : "nothing", values);
    setText(this.reading, text);
    if (!this.sheet.last) setText(this.live, text);
  }

  showUnit(s) {
    const { place, value } = unitOf(this.made, this.hovered ?? s.unit);
    const [l, c, y, x] = place;
    const found = reads(s.layers, this.made, place);
    for (const strip of this.strips) strip.mark(place, found.window);
    const name = l ? `${l} ${this.strips[l].name()}` : this.strips[0].name();
    const flat = this.made[l].shape.length === 1;
    setText(this.unitName, this.say(flat ? "unit_flat" : "unit", { name, channel: c, row: y, column: x }));
    const text = this.reason(found, value);
    setText(this.why, text);
    if (!this.hovered && !this.sheet.last) setText(this.unitLive, `${this.unitName.textContent}: ${text}`);
    this.grids.hidden = found.kind !== "conv";
    if (found.kind === "conv") this.showGrids(found, c);
  }

  reason({ kind, ...found }, value) {
    /** @type {any} */
    const values = { ...found, value: format(value) };
    for (const name of ["bias", "sum", "before"]) if (name in found) values[name] = format(found[name]);
    if (kind === "conv") values.sums = found.sums.map(format).join(" + ").replaceAll("+ −", "− ");
    if (kind === "input") values.count = Math.round(value * this.tables.block ** 2);
    return this.say(`why_${kind}`, values);
  }

  showGrids({ channel, values, weights, outside }, filter) {
    const round = (rows) => rows.map((row) => row.map((one) => Math.round(1000 * one) / 1000));
    this.windowGrid.display(round(values), this.say("window", { channel }), (r, c) => (outside[r][c] ? "cl-pad" : ""));
    this.kernelGrid.display(round(weights), this.say("kernel", { filter, channel }));
  }
}

export default FeatureMaps.open("feature_maps");
