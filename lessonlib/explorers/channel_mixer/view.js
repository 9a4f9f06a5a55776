// The channel mixer: red, green and blue, each under its own kernel, summed into one map for every filter.
// Planes are flat arrays of pixels, row after row, of 0 … 255.

import { Pictures, channelOf, paint, positioned } from "../../kit/canvas.js";
import { changed, correlate, fit, kernel, largestShade, shades, sum, sumOf, windowOf } from "../../kit/convolution.js";
import { clampTo } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import { checkbox, codeLine, h, lay, setCell, setChildren, setText, sign, spoken } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, equals, factor, format, tuple } from "../../kit/words.js";

const NAMES = ["R", "G", "B"];

/** The filters that a state stands for: [filter][plane][row][column]. */
export function filtersOf(s) {
  const size = s.kernel_size;
  return Array.from({ length: s.out_channels }, (_, o) => NAMES.map((_, c) => {
    if (s.preset !== "custom") {
      const [, , shares, kernels] = s.tables.filters[s.preset];
      return kernel(kernels[3 * o + c], [size, size]).map((row) => row.map((value) => shares[o][c] * value + 0));
    }
    const stored = s.weight_values[o]?.[c] ?? [];
    const margin = (size - s.weight_values[0][0].length) / 2;
    const moved = Array.from({ length: size },
      (_, y) => Array.from({ length: size }, (_, x) => stored[y - margin]?.[x - margin]));
    return fit(moved, size, size);
  }));
}

/** A filter's three results, each plane under its own kernel, its size kept. */
export function resultOf(pixels, size, weight) {
  return correlate(pixels, size, weight, { padding: (weight.length - 1) / 2 });
}

/** The three results added up pixel by pixel; planes that are off do not count. */
export function added(results, channels) {
  const total = new Float64Array(results[0].length);
  for (const one of results.filter((_, c) => channels[c])) for (let i = 0; i < total.length; i++) total[i] += one[i];
  return total;
}

/**
 * The numbers of one pixel: for every plane its window, which cells are padding, and the sum of products; their total;
 * bias; value.
 */
export function pixelOf(planes, size, filter, bias, channels, place) {
  const seen = planes.map((pixels, c) => {
    const padding = (filter[c].length - 1) / 2;
    const read = windowOf(pixels, size, filter[c].length, { padding }, place);
    const cells = channels[c] ? read : read.map((line) => line.map((cell) => ({ ...cell, value: 0 })));
    return { cells, total: sumOf(cells, filter[c]) };
  });
  const total = sum(seen.map((one) => one.total));
  return { planes: seen, total, bias, value: total + bias };
}

/**
 * The values shown as black and as white: the mirror of shade_range. `total` is the sum of all results, if it is known.
 */
export function shadeRange(filter, results, total = null) {
  const weights = filter.flat(2);
  if (weights.every((value) => value >= 0)) return [0, 255 * Math.max(1, sum(weights))];
  const largest = largestShade([...results, total ?? added(results, [true, true, true])]);
  return [-largest, largest];
}

/** How many weights and biases: O·(3 / groups)·K·K and O. */
export function countOf(filters, planes, size, bias) {
  const weights = filters * planes * size * size;
  return { weights, biases: bias ? filters : 0, count: weights + (bias ? filters : 0) };
}

/** nn.Conv2d for this state; apart: the same three kernels with groups=3. */
export function mixerCode({ out_channels, kernel_size }, apart = false) {
  const named = { kernel_size, padding: (kernel_size - 1) / 2 };
  return apart
    ? callCode("nn.Conv2d", [3, 3], { ...named, groups: 3, bias: false })
    : callCode("nn.Conv2d", [3, out_channels], named);
}

class ChannelMixer extends View {
  static traits = [
    "picture", "preset", "weight_values", "bias_values", "kernel_size", "out_channels", "channels", "filter",
    "depthwise", "position",
  ];

  build() {
    this.width = Infinity; // of the view: on a narrow one the cells shrink
    this.results = new Map(); // plane and kernel → result, for the picture on screen
    this.painted = new Map(); // canvas → what is painted on it
    this.mix = null; // what is on screen: { s, picture, weight, results, totals, ranges, whole }
    this.lit = null; // the weight that the pointer is on, alike in all planes
    this.rest = undefined;
    this.shown = [];
    this.photographs = new Pictures(() => this.schedule(), ({ rgba, size }) =>
      ({ rgba, size, planes: [0, 1, 2].map((c) => channelOf(rgba, c)) }));
    this.filters = this.menu("filter", "filter", [], "filter", (value) => this.set({ filter: Number(value) }));
    const choices = this.choices(
      this.menu("picture", "picture", Object.keys(this.get("pictures")), "picture"),
      this.menu("preset", "preset", [...Object.keys(this.tables.filters), "custom"], "filters",
        (name) => this.choose(name)),
      this.filters, this.flag("depthwise"),
    );
    this.stage = h("div", { class: "cl-mix-stage" }, this.wholeBox(), this.rowsBox(), this.sumBox());
    this.heading = h("span", { class: "cl-caption" });
    this.sentence = h("span", { class: "cl-mix-sentence" });
    const arithmetic = h("div", { class: "cl-mix-arithmetic" }, this.heading, this.sentence);
    this.makeMaps();
    this.live = spoken();
    this.lines = ["code", "code_apart"].map((name) => {
      const [shape, count] = [h("span", { class: "cl-shapes" }), h("span", { class: "cl-mix-count" })];
      return { ...codeLine(this.words, this.say(name), shape, count), shape, count };
    });
    this.onWidth(this.stage, () => this.schedule());
    const lines = this.lines.map((line) => line.element);
    return [choices, this.stage, arithmetic, this.mapsBox, this.scale, this.live, ...lines];
  }

  choose(name) {
    if (name === "custom") return this.set({ preset: name, weight_values: this.mix.weight });
    const [kernel_size, out_channels] = this.tables.filters[name];
    this.set({ preset: name, kernel_size, out_channels, filter: 0 });
  }

  /** The filter whose kernels are shown. */
  filterShown() {
    return Math.min(this.get("filter"), this.get("out_channels") - 1);
  }

  // --- Pictures that are pointed at

  /** A picture named `name`; `spread`: its mark is the whole window and not one pixel. */
  photo(name, kind, spread = false) {
    const canvas = positioned(this, this.say("plane_point", { name }), () => this.mix?.picture.size);
    const mark = h("div", { class: "cl-mix-mark", "aria-hidden": "true" });
    const caption = h("div", { class: "cl-caption" }, name);
    const frame = h("div", { class: `cl-mix-photo cl-mix-${kind}` }, canvas, mark);
    const one = { canvas, mark, spread, caption,
      element: h("div", { class: "cl-panel cl-mix-picture" }, caption, frame) };
    this.shown.push(one);
    return one;
  }

  /** Paint on a picture, unless what `key` names stands there already. */
  paintOn({ canvas }, key, rgba, size) {
    const old = this.painted.get(canvas);
    if (old?.length === key.length && key.every((one, i) => one === old[i])) return;
    this.painted.set(canvas, key);
    paint(canvas, rgba(), size);
  }

  wholeBox() {
    this.photograph = this.photo(this.say("photo"), "input", true);
    this.credit = h("div", { class: "cl-note cl-small" });
    return h("div", { class: "cl-mix-whole" }, this.photograph.element, this.credit);
  }

  rowsBox() {
    this.rows = NAMES.map((letter, c) => this.row(letter, c));
    return h("div", { class: "cl-mix-rows" }, ...this.rows.map((row) => row.element));
  }

  /** A plane with its window, its kernel and its result. */
  row(letter, c) {
    const channel = this.say(`channel_${c}`);
    const [input, result] =
      [this.photo(channel, "input", true), this.photo(this.say("result_of", { channel }), "output")];
    const turn = (on) => this.set({ channels: this.get("channels").map((old, i) => (i === c ? on : old)) });
    const on = checkbox(channel, turn);
    on.box.setAttribute("aria-label", this.say("switch", { channel }));
    input.caption.replaceChildren(on.element);
    const kernelGrid = new Grid(this.words, "kernel", {
      point: (cell) => ((this.lit = cell), this.mix && this.redraw()),
      edit: (r, k, value) => {
        const edited = (kernel, o, i) => (o === this.filterShown() && i === c ? changed(kernel, r, k, value) : kernel);
        const weight_values = this.mix.weight.map((planes, o) => planes.map((kernel, i) => edited(kernel, o, i)));
        this.set({ preset: "custom", weight_values });
      },
    });
    const windowGrid = new Grid(this.words, "input");
    const total = h("b");
    result.caption.replaceChildren(h("span", {}, "= ", total));
    const pair = h("div", { class: "cl-mix-pair" }, windowGrid.element, sign("⊙"), kernelGrid.element);
    const element = h("div", { class: `cl-mix-row cl-mix-${letter}` }, input.element, pair, result.element);
    return { channel, on, input, windowGrid, kernelGrid, result, total, element };
  }

  /** The sum, the bias, the map. */
  sumBox() {
    this.summed = this.photo(this.say("sum"), "output");
    this.total = h("b");
    this.summed.caption.append(h("span", {}, " = ", this.total));
    this.biasGrid = new Grid(this.words, "kernel", {
      edit: (r, c, value) =>
        this.set({ bias_values: this.get("bias_values").map((old, o) => (o === this.filterShown() ? value : old)) }),
    });
    this.map = this.photo("", "output");
    this.mapName = h("span");
    this.value = h("b");
    this.map.caption.replaceChildren(this.mapName, " = ", this.value);
    const bias = h("div", { class: "cl-mix-bias" }, sign("+"), this.biasGrid.element);
    const box = h("div", { class: "cl-mix-sum" }, this.summed.element, bias, this.map.element);
    return h("div", { class: "cl-mix-end" }, sign("Σ →"), box);
  }

  /** All maps, and what groups=3 makes of the same kernels. */
  makeMaps() {
    this.maps = NAMES.map((_, o) => this.photo(this.say("map", { filter: o }), "output"));
    this.together = this.photo(this.say("together"), "output");
    this.apart = this.photo(this.say("apart"), "output");
    this.mapsBox = h("div", { class: "cl-mix-maps" });
    this.scale = h("div", { class: "cl-note cl-small" });
  }

  // --- Showing it all

  draw(s) {
    const picture = this.photographs.get(this.get("pictures")[s.picture]);
    if (!picture) return;
    const { mix } = this;
    if (picture !== mix?.picture) this.results.clear();
    // others leave the planes alone
    const heavy = ["preset", "weight_values", "kernel_size", "out_channels", "channels"];
    const again = picture !== mix?.picture || heavy.some((name) => s[name] !== mix.s[name])
      || !mix.results[this.filterShown()];
    if (again) this.mix = this.compute(s, picture, false);
    this.mix.s = s;
    this.layout(s);
    this.paint(s);
    this.numbers(s);
    clearTimeout(this.rest);
    if (!this.mix.whole) this.rest = setTimeout(() => this.finish(), 30);
  }

  /**
   * Only what changed: a result is kept for as long as its kernel stays. The filter that is shown comes at once;
   * others whose kernels are new follow after the frame is painted, and are null until then.
   */
  compute(s, picture, whole) {
    const weight = filtersOf(s);
    const key = (kernel, c) => `${c} ${kernel}`;
    const known = (o) => whole || o === this.filterShown()
      || weight[o].every((kernel, c) => this.results.has(key(kernel, c)));
    const old = this.mix?.picture === picture ? this.mix : null;
    const unchanged = (three, o) => old?.results[o]?.every((one, c) => one === three[c]);
    const sameChannels = String(old?.s.channels) === String(s.channels);
    const results = weight.map((filter, o) => !known(o) ? null : filter.map((kernel, c) => {
      const name = key(kernel, c);
      if (!this.results.has(name)) this.results.set(name, resultOf(picture.planes[c], picture.size, kernel));
      return this.results.get(name);
    }));
    const total = (three, o) => (sameChannels && unchanged(three, o) ? old.totals[o] : added(three, s.channels));
    const totals = results.map((three, o) => three && total(three, o));
    const ofAll = (o) => (s.channels.every(Boolean) ? totals[o] : null);
    const range = (three, o) => (unchanged(three, o) ? old.ranges[o] : shadeRange(weight[o], three, ofAll(o)));
    const ranges = results.map((three, o) => three && range(three, o));
    const used = new Set(weight.flatMap((filter) => filter.map(key)));
    for (const one of this.results.keys()) if (!used.has(one)) this.results.delete(one);
    return { s, picture, weight, results, totals, ranges, whole: results.every(Boolean) };
  }

  finish() {
    if (this.signal?.aborted || this.mix.whole) return;
    const { s, picture } = this.mix;
    this.mix = this.compute(s, picture, true);
    this.paint(s);
  }

  layout(s) {
    const { em, width, maps, together, apart, lines } = this;
    const several = s.out_channels > 1;
    this.filters.offer(Array.from({ length: s.out_channels }, (_, o) => [o, this.say("filter_number", { filter: o })]));
    this.filters.set(this.filterShown());
    this.filters.element.hidden = !several;
    setText(this.credit, this.get("credits")[s.picture] ?? "");
    const wanted = em * { 1: 3.4, 3: 2.5, 5: 1.9 }[s.kernel_size];
    setCell(this.el, Math.min(wanted, (width - 3.5 * em) / (2 * s.kernel_size)));
    const shown = [...(several ? maps.slice(0, s.out_channels) : []), ...(s.out_channels === 3 ? [together] : [])];
    setChildren(this.mapsBox, [...shown, ...(s.depthwise ? [apart] : [])].map((one) => one.element));
    this.mapsBox.hidden = !several && !s.depthwise;
    lines[1].element.hidden = !s.depthwise;
    const { size } = this.mix.picture;
    [[s.out_channels, 3, true, "parameters"],
      [3, 1, false, "parameters_apart"]].forEach(([filters, planes, bias, key], i) => {
      lines[i].set(mixerCode(s, i === 1));
      setText(lines[i].shape, `${tuple([1, 3, ...size])} → ${tuple([1, filters, ...size])}`);
      setText(lines[i].count, this.say(String(key), countOf(filters, planes, s.kernel_size, bias)));
    });
  }

  paint(s) {
    const { picture, weight, results, totals, ranges } = this.mix;
    const { size } = picture;
    const o = this.filterShown();
    this.nothing = this.nothing?.length === totals[o].length ? this.nothing : new Float64Array(totals[o].length);
    const put = (one, planes, scales) =>
      this.paintOn(one, [...planes, ...scales.flat()], () => shades(planes, scales), size);
    // adding the bias moves the scale
    const less = (k, [low, high]) => [low - s.bias_values[k], high - s.bias_values[k]];
    this.paintOn(this.photograph, [picture], () => picture.rgba, size);
    this.rows.forEach(({ input, result }, c) => {
      put(input, [s.channels[c] ? picture.planes[c] : this.nothing], [[0, 255]]);
      put(result, [s.channels[c] ? results[o][c] : this.nothing], [ranges[o]]);
    });
    put(this.summed, [totals[o]], [ranges[o]]);
    put(this.map, [totals[o]], [less(o, ranges[o])]);
    if (s.out_channels > 1) totals.forEach((total, k) => total && put(this.maps[k], [total], [less(k, ranges[k])]));
    this.maps.forEach((one, k) => one.element.classList.toggle("cl-mix-open", k === o));
    if (s.out_channels === 3 && this.mix.whole) put(this.together, totals,
      asColor(ranges).map((one, k) => less(k, one)));
    if (s.depthwise) {
      const three = results[o].map((one, c) => (s.channels[c] ? one : this.nothing));
      const highest = 255 * Math.max(...weight[o].map((kernel) => sum(kernel.flat())), 1e-9);
      const single = weight[o].flat(2).every((value) => value >= 0) ? [0, highest] : ranges[o];
      put(this.apart, three, [single, single, single]);
    }
    const [low, high] = ranges[o].map(format);
    setText(this.scale, this.say("scale", { low, high }));
  }

  /** What follows from where the pointer is. */
  numbers(s) {
    const { picture, weight } = this.mix;
    const { size } = picture;
    const o = this.filterShown();
    const place = clampTo(this.hovered ?? s.position, size);
    const [row, column] = place;
    const seen = pixelOf(picture.planes, size, weight[o], s.bias_values[o], s.channels, place);
    for (const { canvas, mark, spread } of this.shown) {
      if (!canvas.isConnected) continue;
      const side = spread ? s.kernel_size : 1;
      const [height, width] = size;
      lay(mark, { top: (row + 0.5) / height, left: (column + 0.5) / width, width: side / width,
        height: side / height });
    }
    const lit = (r, k) => (this.lit && this.lit.r === r && this.lit.c === k ? "cl-lit" : "");
    this.rows.forEach(({ channel, on, windowGrid, kernelGrid, total, element }, c) => {
      on.set(s.channels[c]);
      element.classList.toggle("cl-mix-off", !s.channels[c]);
      windowGrid.look(seen.planes[c].cells, this.say("window_of", { channel }), lit);
      kernelGrid.display(weight[o][c], this.say("kernel_of", { channel }), lit, null, o);
      setText(total, format(seen.planes[c].total));
    });
    setText(this.total, format(seen.total));
    setText(this.biasGrid.caption, this.say("bias"));
    this.biasGrid.show([[s.bias_values[o]]], this.say("bias_of", { filter: o }), () => "", null, o);
    setText(this.mapName, this.say("map", { filter: o }));
    setText(this.value, format(seen.value));
    this.tell(seen, row, column);
  }

  tell(seen, row, column) {
    setText(this.heading, this.say("pixel", { row, column }));
    const parts = seen.planes.map((one, c) => `${this.rows[c].channel} ${factor(one.total)}`);
    const exact = equals(...seen.planes.map((one) => one.total), seen.bias, seen.value);
    const bias = `${this.say("bias")} ${factor(seen.bias)}`;
    setText(this.sentence, `${parts.join(" + ")} + ${bias} ${exact} ${format(seen.value)}`);
    if (this.hovered) return;
    const [red, green, blue] = seen.planes.map((one) => format(one.total));
    const [total, offset, value] = [seen.total, seen.bias, seen.value].map(format);
    setText(this.live, this.say("spoken", { row, column, red, green, blue, total, bias: offset, value }));
  }
}

/** A colour picture has the scale of a photograph, unless negative weights put 0 in the middle. */
function asColor(ranges) {
  if (ranges.every(([low]) => low === 0)) return ranges.map(() => [0, 255]);
  const highest = Math.max(...ranges.map(([, high]) => high));
  return ranges.map(() => [-highest, highest]);
}

export default ChannelMixer.open("channel_mixer");
