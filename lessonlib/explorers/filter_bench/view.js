// The filter bench: a photograph under a kernel. Planes are flat arrays of pixels, row after row, of 0 … 255.

import { Pictures, channelOf, paint, pixelsOf, positioned } from "../../kit/canvas.js";
import {
  KERNELS, changed, correlate, largestShade, shades, sum, sumOf, weightOf, windowOf,
} from "../../kit/convolution.js";
import { clampTo, outputSize } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import { button, codeLine, h, lay, setChildren, setStyle, setText, spoken } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format, tuple } from "../../kit/words.js";

const SIDE = 256; // pixels of a learner's own picture

/** The grey of a pixel, rounded as Pillow and filter_bench.py round it. */
export function grey(r, g, b) {
  return (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
}

/** Pixels as a canvas gives them (r, g, b, a, r, …) → one plane, or three in colour. */
export function planesOf(rgba, color) {
  if (color) return [0, 1, 2].map((c) => channelOf(rgba, c));
  const shade = (_, i) => grey(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]);
  return [Float64Array.from({ length: rgba.length / 4 }, shade)];
}

/** Every plane put through the kernel: { planes, size }. */
export function filtered(planes, size, weight, s) {
  const output = size.map((length) => outputSize(length, weight.length, s.stride, s.padding));
  return { planes: planes.map((pixels) => correlate(pixels, size, weight, s)), size: output };
}

/** What the loupe shows of one plane: the window's values, which of them are padding, the sum of products. */
export function loupe(pixels, size, weight, s, place) {
  const cells = windowOf(pixels, size, weight.length, s, place);
  return { cells, total: sumOf(cells, weight) };
}

/** The values shown as black and as white; a few far larger than the rest do not dim it. */
export function shadeRange(weight, planes, way) {
  const total = sum(weight.flat());
  if (way === "auto" && total > 1e-9) return [0, 255 * total];
  const largest = largestShade(planes);
  return [way === "absolute" ? 0 : -largest, largest];
}

/** Planes as pixels for a canvas. */
export function paintable(planes, range, absolute) {
  const shown = absolute ? planes.map((pixels) => pixels.map(Math.abs)) : planes;
  return shades(shown, shown.map(() => range));
}

/** The output pixel whose window is centred on a pixel of the input. */
export function nearest(place, s, size) {
  const along = (at) => Math.round((at + s.padding - (s.kernel_size - 1) / 2) / s.stride);
  return clampTo(place.map(along), size);
}

/** nn.Conv2d for this state. */
export function benchCode({ color, kernel_size, stride, padding, padding_mode }) {
  const channels = color ? 3 : 1;
  return callCode("nn.Conv2d", [channels, channels],
    { kernel_size, stride, padding, groups: channels, bias: false, padding_mode });
}

class FilterBench extends View {
  static traits = [
    "picture", "own_picture", "color", "kernel_size", "padding", "stride", "padding_mode", "kernel_preset",
    "weight_values", "shades", "position",
  ];

  build() {
    this.own = null; // the learner's own picture; it lives here and nowhere else
    this.video = null;
    this.bench = null; // what is on screen: { s, picture, planes, weight, output, range }
    this.lit = null; // the weight that the pointer is on
    this.photographs = new Pictures(() => this.schedule());
    this.pictures = this.menu("picture", "picture", [], "picture", (name) => this.choosePicture(name));
    const choices = this.choices(
      this.pictures, this.flag("color"),
      this.kernelMenu([...Object.keys(KERNELS), "custom"], () => ({ weight_values: this.bench.weight })),
      this.modeMenu(), this.menu("shades", "shades", this.tables.shades, "shades"),
    );
    this.input = this.panel("input", (place) => nearest(place, this.s, this.bench.output.size));
    this.output = this.panel("output");
    this.acceptPictures();
    this.makeLoupe();
    this.middle = h("div", { class: "cl-middle" }, this.kernelGrid.element);
    this.below = h("div");
    this.message = this.alert();
    this.live = spoken();
    this.shapes = h("span", { class: "cl-shapes" });
    this.line = codeLine(this.words, this.say("code"), this.shapes);
    const stage = h("div", { class: "cl-bench" }, this.input.element, this.middle, this.output.element);
    this.atEnd(() => this.stopCamera());
    // A picture of the learner's does not outlive the page.
    if (this.get("own_picture")) this.set({ own_picture: false });
    return [choices, this.ownBar(), this.message, stage, this.below, this.live, this.line.element];
  }

  resetButton() {
    const reset = super.resetButton({ own_picture: false });
    reset.addEventListener("click", () => this.stopCamera());
    return reset;
  }

  ownBar() {
    const take = () => (this.take(this.file.files[0]), (this.file.value = ""));
    this.file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: take });
    this.camera = button(this.say("camera"), this.say("camera"),
      () => (this.video ? this.stopCamera() : this.startCamera()));
    const open = button(this.say("open"), this.say("open"), () => this.file.click());
    return h("div", { class: "cl-bar" }, open, this.camera, this.file,
      h("span", { class: "cl-note" }, this.say("stays")));
  }

  choosePicture(name) {
    this.stopCamera();
    if (name !== "own") this.set({ picture: name, own_picture: false });
    else if (this.own) this.set({ own_picture: true });
    else this.file.click();
    this.schedule();
  }

  /** One of the two pictures; `at` is the output pixel that a pixel of it stands for. */
  panel(kind, at = undefined) {
    const canvas = positioned(this, this.say(`${kind}_point`), () => this.bench?.output.size, at);
    const mark = h("div", { class: "cl-spot", "aria-hidden": "true" });
    const frame = h("div", { class: `cl-photo cl-photo-${kind}` }, canvas, mark);
    const note = h("div", { class: "cl-note cl-small" });
    const element = h("div", { class: "cl-panel" }, h("div", { class: "cl-caption" }, this.say(kind)), frame, note);
    return { canvas, mark, note, frame, element };
  }

  within(place) {
    return clampTo(place, this.bench.output.size);
  }

  position() {
    return this.within(this.get("position"));
  }

  makeLoupe() {
    this.kernelGrid = new Grid(this.words, "kernel", {
      point: (cell) => ((this.lit = cell), this.redraw()),
      edit: (r, c, value) =>
        this.set({ kernel_preset: "custom", weight_values: changed(this.bench.weight, r, c, value) }),
    });
    this.windows = [0, 1, 2].map(() => {
      const [grid, total] = [new Grid(this.words, "input"), h("b")];
      return { grid, total, element: h("div", { class: "cl-seen" }, grid.element, h("span", {}, "⊙ K = ", total)) };
    });
    this.heading = h("div", { class: "cl-caption" });
    this.windowsBox = h("div", { class: "cl-windows" });
    this.loupe = h("div", { class: "cl-loupe" }, this.heading, this.windowsBox);
  }

  // --- Pictures from files and cameras: they are drawn here and sent nowhere

  acceptPictures() {
    const { frame } = this.input;
    frame.addEventListener("dragover", (event) => (event.preventDefault(), event.stopPropagation()));
    frame.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.take(event.dataTransfer.files[0]);
    });
  }

  complain(text) {
    this.message.hidden = !text;
    setText(this.message, text);
  }

  async take(file) {
    if (!file) return;
    this.stopCamera();
    try {
      const image = await createImageBitmap(file);
      this.own = pixelsOf(image, image.width, image.height, SIDE);
    } catch {
      return this.complain(this.say("no_picture", { name: file.name }));
    }
    this.complain("");
    this.set({ own_picture: true });
    this.schedule();
  }

  async startCamera() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      this.video = h("video", { muted: true, playsinline: true });
      this.video.srcObject = stream;
      await this.video.play();
    } catch {
      this.stopCamera();
      return this.complain(this.say("no_camera"));
    }
    this.complain("");
    requestAnimationFrame(() => this.film());
  }

  film() {
    if (!this.video) return;
    if (this.signal?.aborted || !this.el.isConnected) return this.stopCamera();
    this.own = pixelsOf(this.video, this.video.videoWidth, this.video.videoHeight, SIDE);
    if (!this.get("own_picture")) this.set({ own_picture: true });
    this.redraw();
    requestAnimationFrame(() => this.film());
  }

  stopCamera() {
    for (const track of this.video?.srcObject?.getTracks() ?? []) track.stop();
    this.video = null;
    if (this.bench) this.redraw();
  }

  // --- Showing it all

  draw(s) {
    const ownPicture = s.own_picture && this.own;
    const picture = ownPicture || this.photographs.get(this.get("pictures")[s.picture]);
    if (!picture) return;
    this.compute(s, picture);
    this.layout(s, ownPicture);
    this.point(s);
  }

  /** Only what changed: the planes stay with their picture, the output with what it is made of. */
  compute(s, picture) {
    const { bench } = this;
    const same = bench?.picture === picture && bench.s.color === s.color;
    const planes = same ? bench.planes : planesOf(picture.rgba, s.color);
    const heavy = ["kernel_size", "padding", "stride", "padding_mode", "kernel_preset", "weight_values", "shades"];
    if (same && heavy.every((name) => s[name] === bench.s[name])) return void (bench.s = s);
    const weight = weightOf(s);
    const output = filtered(planes, picture.size, weight, s);
    const range = shadeRange(weight, output.planes, s.shades);
    if (!same) paint(this.input.canvas, paintable(planes, [0, 255], false), picture.size);
    paint(this.output.canvas, paintable(output.planes, range, s.shades === "absolute"), output.size);
    this.bench = { s, picture, planes, weight, output, range };
  }

  layout(s, ownPicture) {
    const { picture, planes, output, range } = this.bench;
    this.pictures.offer(this.named([...Object.keys(this.get("pictures")), "own"], "picture"));
    this.pictures.set(ownPicture ? "own" : s.picture);
    const label = this.say(this.video ? "camera_off" : "camera");
    if (this.camera.textContent !== label) this.camera.textContent = this.camera.ariaLabel = this.camera.title = label;
    setText(this.input.note, ownPicture ? "" : (this.get("credits")[s.picture] ?? ""));
    setText(this.output.note, this.say("scale", { low: format(range[0]), high: format(range[1]) }));
    const cell = this.em * (s.kernel_size <= 3 ? 2.8 : s.kernel_size <= 5 ? 2.3 : 1.9);
    setStyle(this.el, "--cell", `min(${cell}px, ${90 / s.kernel_size}cqi)`); // within the width
    // The output is drawn at the input's scale, so that a stride of 2 shows half the size.
    const widest = Math.max(picture.size[1], output.size[1]);
    setStyle(this.input.frame, "--share", (picture.size[1] / widest).toFixed(4));
    setStyle(this.output.frame, "--share", (output.size[1] / widest).toFixed(4));
    // One window stands under the kernel that it is multiplied with; three need a row of their own.
    setChildren(this.middle, s.color ? [this.kernelGrid.element] : [this.kernelGrid.element, this.loupe]);
    setChildren(this.below, s.color ? [this.loupe] : []);
    this.line.set(benchCode(s));
    const [before, after] = [picture.size, output.size].map((size) => tuple([1, planes.length, ...size]));
    setText(this.shapes, `${before} → ${after}`);
  }

  /** What follows from where the pointer is. */
  point(s) {
    const { weight, picture, planes, output } = this.bench;
    const [row, column] = this.hovered ? this.within(this.hovered) : this.position();
    const [top, left] = [row, column].map((at) => at * s.stride - s.padding);
    spot(this.input.mark, top, left, s.kernel_size, picture.size);
    spot(this.output.mark, row, column, 1, output.size);
    const lit = (r, c) => (this.lit && this.lit.r === r && this.lit.c === c ? "cl-lit" : "");
    this.kernelGrid.display(weight, this.say("kernel"), lit);
    setText(this.heading, this.say("loupe", { row, column }));
    const seen = planes.map((one) => loupe(one, picture.size, weight, s, [row, column]));
    setChildren(this.windowsBox, seen.map(({ cells, total }, c) => {
      const window = this.windows[c];
      window.grid.look(cells, this.say(s.color ? `channel_${c}` : "channel_grey"), lit);
      setText(window.total, format(total));
      return window.element;
    }));
    if (this.hovered || this.video) return;
    setText(this.live, this.say("spoken", { row, column, values: seen.map(({ total }) => format(total)).join(", ") }));
  }
}

/** Lay a mark over rows top … top+side−1 of a picture, never too small to see. */
function spot(mark, top, left, side, [height, width]) {
  const middle = { top: (top + side / 2) / height, left: (left + side / 2) / width };
  lay(mark, { ...middle, height: side / height, width: side / width });
}

export default FilterBench.open("filter_bench");
