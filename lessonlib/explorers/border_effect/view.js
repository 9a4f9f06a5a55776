// The border effect: one corner of a photograph under the same kernel, with each padding mode.

import { Pictures, channelOf, paint, photo, positioned } from "../../kit/canvas.js";
import { KERNELS, correlate, kernel, plane, shades, source, sum, sumOf, windowOf } from "../../kit/convolution.js";
import { Grid } from "../../kit/grid.js";
import { codeLine, h, lay, setCell, setStyle, setText, spoken } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format } from "../../kit/words.js";

const SMALLEST = 22; // pixels of a cell whose number can be read

/** Where a corner of so many pixels begins in the output. */
export function startOf(corner, [height, width], side) {
  return [corner.startsWith("bottom") ? height - side : 0, corner.endsWith("right") ? width - side : 0];
}

/** The outermost pixel of a corner. */
export function outermost(corner, side) {
  return [corner.startsWith("bottom") ? side - 1 : 0, corner.endsWith("right") ? side - 1 : 0];
}

/**
 * The corner of the output, flat: only the pixels that it reads are padded.
 * @type {(pixels: any, size: any, weight: any, mode: string, start: any, side: number) => Float64Array}
 */
export function cornerOf(pixels, [height, width], weight, mode, [top, left], side) {
  const padding = (weight.length - 1) / 2;
  const reach = side + weight.length - 1;
  const [rows, columns] = [[top, height], [left, width]].map(([first, length]) =>
    Array.from({ length: reach }, (_, i) => source(first + i, length, padding, mode)));
  const read = (r, c) => (rows[r] < 0 || columns[c] < 0 ? 0 : pixels[rows[r] * width + columns[c]]);
  return correlate(Float64Array.from(plane(reach, reach, read).flat()), [reach, reach], weight);
}

/** The values shown as black and as white, the same for all modes; 0 is grey where the weights sum to 0. */
export function shadeRange(weight, corners) {
  const total = sum(weight.flat());
  if (total > 1e-9) return [0, 255 * total];
  const largest = Math.max(1, ...corners.flatMap((one) => [...one]).map(Math.abs));
  return [-largest, largest];
}

/** Everything that does not depend on the pixel pointed at. */
export function solve(pixels, size, s) {
  const { side, padding_modes } = s.tables;
  const weight = kernel(s.kernel_preset, [s.kernel_size, s.kernel_size]);
  const start = startOf(s.corner, size, side);
  const corners = padding_modes.map((mode) => cornerOf(pixels, size, weight, mode, start, side));
  return { weight, start, corners, range: shadeRange(weight, corners) };
}

class BorderEffect extends View {
  static traits = ["picture", "kernel_preset", "kernel_size", "corner", "position"];

  build() {
    const { side, corners } = this.tables;
    const choices = this.choices(
      this.menu("picture", "picture", Object.keys(this.get("pictures")), "picture"),
      this.menu("kernel_preset", "kernel", Object.keys(KERNELS), "preset"),
      this.menu("corner", "corner", corners, "corner",
        (corner) => this.set({ corner, position: outermost(corner, side) })),
    );
    this.now = null;
    this.pictures = new Pictures(() => this.schedule(), (one) => ({ ...one, pixels: channelOf(one.rgba, 0) }));
    this.photo = photo(this.say("photo"));
    this.spot = h("div", { class: "cl-bor-spot", "aria-hidden": "true" });
    this.credit = h("div", { class: "cl-note cl-small" });
    this.kernelGrid = new Grid(this.words, "kernel");
    const panel = h("div", { class: "cl-panel cl-bor-photo" }, h("div", { class: "cl-caption" }, this.say("photo")),
      h("div", { class: "cl-bor-frame cl-bor-input" }, this.photo, this.spot), this.credit);
    this.panels = this.tables.padding_modes.map((mode) => this.panel(mode, side));
    const start = h("div", { class: "cl-bor-start" }, panel, this.kernelGrid.element);
    const stage = h("div", { class: "cl-bor-stage" }, start, ...this.panels.map(({ element }) => element));
    this.sentence = h("div", { class: "cl-bor-sentence" });
    this.scale = h("div", { class: "cl-note cl-small" });
    this.live = spoken();
    this.line = codeLine(this.words, this.say("code"));
    this.onWidth(this.el, () => this.now && this.fitCells());
    return [choices, stage, this.sentence, this.scale, this.live, this.line.element];
  }

  /** The corner with one padding mode, its window, and the sum of its products. */
  panel(mode, side) {
    const name = this.say(`mode_${mode}`);
    const canvas = positioned(this, this.say("corner_point", { mode: name }), () => [side, side]);
    Object.assign(canvas, { width: side, height: side });
    const mark = h("div", { class: "cl-bor-mark", "aria-hidden": "true" });
    const bands = ["rows", "columns"].map((along) =>
      h("div", { class: `cl-bor-band cl-bor-${along}`, "aria-hidden": "true" }));
    const grid = new Grid(this.words, "input");
    const total = h("b");
    const element = h("div", { class: "cl-bor-mode" }, h("div", { class: "cl-caption" }, name),
      h("div", { class: "cl-bor-frame cl-bor-output" }, canvas, ...bands, mark), grid.element,
      h("div", { class: "cl-bor-total" }, "⊙ K = ", total));
    return { mode, name, canvas, mark, bands, grid, total, element };
  }

  draw(s, changed) {
    const picture = this.pictures.get(this.get("pictures")[s.picture]);
    if (!picture) return;
    if (changed || picture !== this.now?.picture) {
      this.now = { picture, ...solve(picture.pixels, picture.size, s) };
      this.fitCells();
      this.frame(s);
    }
    this.point(s);
  }

  /** A window as wide as its corner; on a narrow page two side by side, if their numbers can still be read. */
  fitCells() {
    const { em, width, s: { kernel_size: size } } = this;
    const half = (width - 2.2 * em) / 2;
    const wide = Math.floor(Math.min(11 * em, half / size < SMALLEST ? width - em : half));
    setStyle(this.el, "--bor-width", `${wide}px`);
    setCell(this.el, Math.min(2.6 * em, wide / size));
    setCell(this.kernelGrid.element, Math.min(2.2 * em, (width - em) / size));
  }

  frame(s) {
    const { picture, weight, start: [top, left], corners, range } = this.now;
    const [height, width] = picture.size;
    const { side } = s.tables;
    if (this.shown !== picture) paint(this.photo, picture.rgba, picture.size);
    this.shown = picture;
    lay(this.spot, { top: top / height, left: left / width, height: side / height, width: side / width });
    setText(this.credit, this.get("credits")[s.picture] ?? "");
    this.kernelGrid.display(weight, this.say("kernel"));
    const padding = (s.kernel_size - 1) / 2;
    this.panels.forEach(({ canvas, bands }, m) => {
      paint(canvas, shades([corners[m]], [range]), [side, side]);
      // Windows beyond these two lines read no padding.
      const [y, x] = outermost(s.corner, side).map((at) => (at ? side - padding : padding));
      lay(bands[0], { top: y / side });
      lay(bands[1], { left: x / side });
    });
    setText(this.scale, this.say("scale", { low: format(range[0]), high: format(range[1]), padding }));
    this.line.set(callCode("nn.Conv2d", [1, 1, s.kernel_size], { padding, padding_mode: "zeros", bias: false }, {}));
  }

  /** What follows from where the pointer is. */
  point(s) {
    const { picture, weight, start: [top, left] } = this.now;
    const { side } = s.tables;
    const padding = (s.kernel_size - 1) / 2;
    const [row, column] = this.hovered ?? s.position;
    const windows = this.panels.map(({ mode, name, mark, grid, total }) => {
      const options = { padding, padding_mode: mode };
      const cells = windowOf(picture.pixels, picture.size, s.kernel_size, options, [top + row, left + column]);
      lay(mark, { top: row / side, left: column / side });
      const values = cells.map((line) => line.map(({ value }) => value));
      grid.show(values, this.say("window", { mode: name }), (r, c) => (cells[r][c].padding ? "cl-pad" : ""));
      const value = format(sumOf(cells, weight));
      setText(total, value);
      return { cells, said: `${name} ${value}` };
    });
    const padded = windows[0].cells.flat().filter((cell) => cell.padding).length;
    const values = { row: top + row, column: left + column, padded, cells: s.kernel_size ** 2 };
    setText(this.sentence, this.say(padded ? "reads_padding" : "no_padding", values));
    setText(this.live, `${this.sentence.textContent} ${windows.map(({ said }) => said).join(", ")}`);
  }
}

export default BorderEffect.open("border_effect");
