// Shift first or filter first: drag the input about, and see where the two ways part.

import { KERNELS, changed, correlate, pad, picture, plane, weightOf } from "../../kit/convolution.js";
import { clamp, isInside, outputSize } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import { Trace, codeLine, h, setCell, setText, spoken, stepOf } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format } from "../../kit/words.js";

const SMALL = 1e-9; // what floating point leaves of a difference of 0
const KEPT = 4; // settings in the trace
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: "home" };

/** The input before the shift. */
export function inputOf(s) {
  const size = [s.input_h, s.input_w];
  if (s.input_preset === "custom") return s.input_values;
  if (s.input_preset !== "sign") return picture(s.input_preset, size);
  const { letter } = s.tables;
  const [top, left] = [(size[0] - letter.length) >> 1, (size[1] - letter[0].length) >> 1];
  return plane(size[0], size[1], (r, c) => 9 * Number(letter[r - top]?.[c - left] ?? 0));
}

/** A plane moved down and to the right; zeros come in, or what has left. */
export function shifted(values, rows, columns, wrap) {
  const [height, width] = [values.length, values[0].length];
  const round = (i, size) => ((i % size) + size) % size;
  return plane(height, width, (r, c) =>
    wrap ? values[round(r - rows, height)][round(c - columns, width)] : (values[r - rows]?.[c - columns] ?? 0));
}

export function filtered(values, weight, s) {
  const size = [values.length, values[0].length];
  const [rows, columns] = size.map((length) => outputSize(length, s.kernel_size, s.stride, s.padding));
  const flat = correlate(Float64Array.from(values.flat()), size, weight, s);
  return plane(rows, columns, (r, c) => flat[r * columns + c]);
}

function compare(first, second) {
  const minus = (one, other) => (Math.abs(one - other) < SMALL ? 0 : one - other);
  const difference = first.map((row, r) => row.map((value, c) => minus(value, second[r][c])));
  const sizes = difference.flat().map(Math.abs);
  return { difference, count: sizes.filter(Boolean).length, largest: Math.max(...sizes) };
}

/**
 * Everything on screen; `shifted` and what follows from it are null where the shift is no multiple of the stride.
 * @returns {any}
 */
export function solve(s) {
  const [input, weight] = [inputOf(s), weightOf(s)];
  const moved = shifted(input, s.shift_rows, s.shift_columns, s.wrap);
  const [output, ofShifted] = [filtered(input, weight, s), filtered(moved, weight, s)];
  const by = [s.shift_rows, s.shift_columns].map((cells) => cells / s.stride);
  const padded = pad(moved, [s.padding, s.padding], s.padding_mode);
  const found = { padded, weight, ofShifted, by, shifted: null, nearest: null };
  if (by.every(Number.isInteger)) {
    const second = shifted(output, by[0], by[1], s.wrap);
    return { ...found, shifted: second, ...compare(ofShifted, second) };
  }
  // The whole moves around it: the one that leaves least.
  const around = (value) => [...new Set([Math.floor(value), Math.ceil(value)])];
  const moves = around(by[0]).flatMap((rows) => around(by[1]).map((columns) => [rows, columns]));
  const tries = moves.map((move) => ({ move, ...compare(ofShifted, shifted(output, move[0], move[1], s.wrap)) }));
  return { ...found, nearest: tries.sort((a, b) => a.count - b.count || a.largest - b.largest)[0] };
}

/** nn.Conv2d for this state. */
export function convCode({ kernel_size, stride, padding, padding_mode }) {
  return callCode("nn.Conv2d", [1, 1], { kernel_size, stride, padding, padding_mode, bias: false });
}

/** A number with its sign, as differences are shown. */
export function signed(value) {
  return value > 0 ? `+${format(value)}` : format(value);
}

class Equivariance extends View {
  static traits = [
    "input_preset", "input_values", "input_h", "input_w", "kernel_preset", "weight_values", "kernel_size", "stride",
    "padding",
    "padding_mode", "shift_rows", "shift_columns", "wrap",
  ];

  build() {
    this.inputs = this.menu("input_preset", "input", this.tables.inputs, "preset");
    const choices = this.choices(
      this.inputs,
      this.kernelMenu([...Object.keys(KERNELS), "custom"], () => ({ weight_values: this.now.weight })),
      this.modeMenu(), this.flag("wrap"),
    );
    this.makeGrids();
    const grids = [this.moved, this.first, this.second, this.apart, this.kernelGrid];
    const stage = h("div", { class: "cl-ways" }, ...grids.map((grid) => grid.element));
    this.byLine = h("div", { class: "cl-moves" });
    this.verdict = h("div", { class: "cl-message cl-agreement" });
    this.live = spoken();
    this.line = codeLine(this.words, this.say("code"));
    const heads = ["shift", "rest", "count", "largest"].map((name) => this.say(`trace_${name}`));
    this.trace = new Trace(this.say("trace"), heads, 2, KEPT);
    this.onWidth(this.el, () => this.fitCells(this.s));
    return [choices, stage, this.byLine, this.verdict, this.live, this.line.element, this.trace.element];
  }

  makeGrids() {
    const on = { point: (cell) => this.look(cell) };
    this.moved = new Grid(this.words, "input");
    this.first = new Grid(this.words, "output", on);
    this.second = new Grid(this.words, "output", on);
    this.apart = new Grid(this.words, "apart", on);
    this.kernelGrid = new Grid(this.words, "kernel", {
      edit: (r, c, value) =>
        this.set({ kernel_preset: "custom", weight_values: changed(this.now.weight, r, c, value) }),
    });
    this.moved.grid.classList.add("cl-draggable");
    this.letMove(this.moved.grid);
  }

  /** Let the input be moved, by pointer and by keys. */
  letMove(grid) {
    let drag = null;
    grid.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      grid.setPointerCapture(event.pointerId);
      const cell = this.moved.cells[0][0].getBoundingClientRect().width;
      drag = { x: event.clientX, y: event.clientY, cell, from: [this.get("shift_rows"), this.get("shift_columns")] };
    });
    grid.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const by = [event.clientY - drag.y, event.clientX - drag.x].map((way) => Math.round(way / drag.cell));
      this.shiftTo(drag.from[0] + by[0], drag.from[1] + by[1]);
    });
    for (const end of ["pointerup", "pointercancel"]) grid.addEventListener(end, () => (drag = null));
    grid.addEventListener("keydown", (event) => {
      const step = stepOf(event, MOVES);
      if (!step) return;
      event.stopImmediatePropagation();
      if (step === "home") this.shiftTo(0, 0);
      else this.shiftTo(this.get("shift_rows") + step[0], this.get("shift_columns") + step[1]);
    }, true);
  }

  shiftTo(rows, columns) {
    const within = (value, size) => clamp(value, 1 - size, size - 1);
    const [shift_rows, shift_columns] = [within(rows, this.get("input_h")), within(columns, this.get("input_w"))];
    if (shift_rows === this.get("shift_rows") && shift_columns === this.get("shift_columns")) return;
    this.set({ shift_rows, shift_columns });
  }

  draw(s, anew) {
    if (anew) {
      this.now = solve(s);
      const own = s.input_values.length ? ["custom"] : [];
      this.inputs.offer(this.named([...s.tables.inputs, ...own], "preset"));
      this.inputs.set(s.input_preset);
      this.line.set(convCode(s));
      this.fitCells(s);
    }
    const [rows, columns] = [this.now.ofShifted.length, this.now.ofShifted[0].length];
    if (this.hovered && (this.hovered.r >= rows || this.hovered.c >= columns)) this.hovered = null;
    this.showPlanes(s);
    this.tell(s, rows * columns);
    if (anew) this.remember(s, rows * columns);
  }

  fitCells(s) {
    const { em, width, now } = this;
    const [columns, outputs] = [now.padded[0].length, now.ofShifted[0].length];
    const [four, two] = [(width - 5 * em) / (columns + 3 * outputs), (width - 3 * em) / (columns + outputs)];
    const alone = (width - em) / Math.max(columns, outputs);
    const least = em * 1.6;
    // On a narrow page, where each plane stands alone, the smaller ones need not shrink with the input.
    const beside = four >= least || two >= least;
    const cell = Math.min(em * 2.5, four >= least ? four : two >= least ? two : alone);
    setCell(this.moved.element, cell);
    setCell(this.kernelGrid.element, beside ? cell : Math.min(em * 2, (width - em) / s.kernel_size));
    for (const { element } of [this.first, this.second, this.apart]) {
      setCell(element, beside ? cell : Math.min(em * 2.5, (width - em) / outputs));
    }
  }

  showPlanes(s) {
    const { padded, weight, ofShifted, shifted: second, difference } = this.now;
    const at = this.hovered;
    const empty = ofShifted.map((row) => row.map(() => null));
    const axes = [s.input_h, s.input_w].map((input) => ({ input, padding: s.padding }));
    setText(this.moved.caption, this.say("shifted_input"));
    this.moved.show(padded, this.say("shifted_input_label"), (r, c) => (isInside(axes, r, c) ? "" : "cl-pad"));
    this.moved.frame(at && { top: at.r * s.stride, left: at.c * s.stride, height: s.kernel_size,
      width: s.kernel_size });
    const here = (r, c) => at && at.r === r && at.c === c;
    const mark = (r, c) => (here(r, c) ? "cl-now" : "");
    this.first.display(ofShifted, this.say("output_of_shifted"), mark);
    this.second.display(second ?? empty, this.say("shifted_output"), second ? mark : () => "cl-empty");
    const differs = (r, c) => difference[r][c] !== 0;
    if (second) {
      this.apart.display(difference.map((row) => row.map(signed)), this.say("difference"),
        (r, c) => `${differs(r, c) ? "cl-differs" : "cl-calm"}${here(r, c) ? " cl-lit" : ""}`,
        (r, c, value) => this.say(differs(r, c) ? "cell_differs" : "cell_equal", { row: r, column: c, value }));
    } else this.apart.display(empty, this.say("difference"), () => "cl-empty");
    this.kernelGrid.display(weight, this.say("kernel"));
  }

  tell(s, cells) {
    const { by, ofShifted, shifted: second, difference, count } = this.now;
    const shift = { rows: format(s.shift_rows), columns: format(s.shift_columns) };
    const [by_rows, by_columns] = by.map(format);
    setText(this.byLine, this.say("moves", { ...shift, stride: s.stride, by_rows, by_columns }));
    const text = this.sentence(s, cells);
    setText(this.verdict, text);
    this.verdict.classList.toggle("cl-parts", Boolean(!second || count));
    if (!this.hovered || !second) return setText(this.live, this.say("spoken", { ...shift, text }));
    const { r: row, c: column } = this.hovered;
    const [first, other, value] = [ofShifted, second, difference].map((values) => format(values[row][column]));
    setText(this.live, this.say("spoken_cell", { row, column, first, second: other, value }));
  }

  sentence(s, cells) {
    const { nearest, count, largest } = this.now;
    if (nearest) {
      const values = { cells, count: nearest.count, largest: format(nearest.largest) };
      const [rows, columns] = nearest.move.map(format);
      const text = this.say(nearest.count ? "nearest" : "nearest_equal", { ...values, rows, columns });
      return `${this.say("between_cells", { shift: shiftText(s), stride: s.stride })} ${text}`;
    }
    if (!s.shift_rows && !s.shift_columns) return this.say("still");
    if (!count) return this.say("equal", { cells });
    const why = this.say(s.wrap ? "why_circular" : "why_zeros");
    return `${this.say("differs", { cells, count, largest: format(largest) })} ${why}`;
  }

  /** The last few settings stay, to be compared. */
  remember(s, cells) {
    if (!s.shift_rows && !s.shift_columns) return;
    const { shifted: second, count, largest } = this.now;
    const rest = this.say(s.wrap ? "trace_wrap" : "trace_zeros");
    const setting = `K=${s.kernel_size}, S=${s.stride}, P=${s.padding} ${s.padding_mode}, ${rest}`;
    this.trace.add([shiftText(s), setting, ...(second ? [`${count} / ${cells}`, format(largest)] : ["–", "–"])]);
  }
}

function shiftText(s) {
  return `(${format(s.shift_rows)}, ${format(s.shift_columns)})`;
}

export default Equivariance.open("equivariance");
