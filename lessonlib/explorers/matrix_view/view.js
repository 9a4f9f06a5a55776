// The convolution as a product of matrices. Rows are output cells; a "tap" is the number of a kernel cell.

import { changed, fit, pad, picture, sum, weightOf } from "../../kit/convolution.js";
import { axis, clamp, paddingNeeded } from "../../kit/geometry.js";
import { Grid } from "../../kit/grid.js";
import {
  Trace, classes, codeLine, fillTable, h, setAttribute, setCell, setStyle, setText, sign, spoken, stepOf,
} from "../../kit/page.js";
import { placeIn } from "../../kit/canvas.js";
import { View } from "../../kit/view.js";
import { equals, factor, format } from "../../kit/words.js";

const KEPT = 4; // settings in the trace

export function inputOf(s) {
  const size = [s.input_h, s.input_w];
  return s.input_preset === "custom" ? fit(s.input_values, size[0], size[1]) : picture(s.input_preset, size);
}

/** Everything on screen. `sources[row][tap]`: the input cell that a window's tap reads, -1 in the padding. */
export function solve(s) {
  const [input, weight] = [inputOf(s), weightOf(s)];
  const axes = [s.input_h, s.input_w].map((size) => axis(size, s.kernel_size, s.stride, s.padding));
  const [height, width] = axes.map((a) => a.output);
  const [x, w] = [input.flat(), weight.flat()];
  const found = { input, weight, x, w, axes, size: [height, width], padded: pad(input, [s.padding, s.padding]) };
  if (height * width === 0) return { ...found, wrong: true, sources: [], taps: [], matrix: [], windows: [],
    output: [] };
  const starts = axes[0].starts.flatMap((top) => axes[1].starts.map((left) => [top - s.padding, left - s.padding]));
  const sources = starts.map(([top, left]) => weight.flatMap((row, i) => row.map((_, j) => {
    const [r, c] = [top + i, left + j];
    return r >= 0 && c >= 0 && r < s.input_h && c < s.input_w ? r * s.input_w + c : -1;
  })));
  const taps = sources.map((cells) => {
    const row = new Array(x.length).fill(-1);
    cells.forEach((cell, tap) => cell >= 0 && (row[cell] = tap));
    return row;
  });
  const matrix = taps.map((row) => row.map((tap) => (tap < 0 ? 0 : w[tap])));
  const windows = sources.map((cells) => cells.map((cell) => (cell < 0 ? 0 : x[cell])));
  const output = windows.map((values) => sum(values.map((value, tap) => value * w[tap])));
  return { ...found, wrong: false, sources, taps, matrix, windows, output };
}

/** How many there are of everything, beside a fully connected layer between the same cells. */
export function counts({ w, x, sources }) {
  const perTap = w.map((_, tap) => sources.filter((cells) => cells[tap] >= 0).length);
  const rows = sources.length;
  return {
    weights: w.length, parameters: w.length + 1, rows, columns: x.length, entries: rows * x.length,
      connections: sum(perTap),
    fewest: Math.min(...perTap), most: Math.max(...perTap), linear: (x.length + 1) * rows, copies: rows * w.length,
  };
}

/** PyTorch for this state: of the input (1, 1, H, W) and the weight (1, 1, K, K) the same flattened output. */
export function matrixCode(s) {
  const parts = [];
  if (s.stride !== 1) parts.push(`, stride=${s.stride}`);
  if (s.padding !== 0) parts.push(`, padding=${s.padding}`);
  if (s.form === "im2col") return `F.unfold(input, ${s.kernel_size}${parts.join("")}).mT @ weight.view(-1, 1)`;
  return `F.conv2d(input, weight${parts.join("")}).view(-1, 1)`;
}

/**
 * The matrix: an element for every row and for every entry in it that is shown; the zeros are the paper it stands on.
 * One Tab stop: up and down walk the rows, left and right the entries of a row.
 */
class Band {
  constructor(on) {
    this.on = on;
    this.rows = [];
    this.count = this.columns = 0;
    this.at = { r: 0, k: -1 };
    this.hovered = this.fit = "";
    this.body = h("div", {});
    this.outline = h("div", { class: "cl-outline", "aria-hidden": "true" });
    this.stripe = h("div", { class: "cl-mv-stripe", "aria-hidden": "true", hidden: true });
    this.grid = h("div", { class: "cl-grid cl-mv-band", role: "grid" }, this.body, this.outline, this.stripe);
    this.grid.addEventListener("pointermove", (event) => this.hover(event));
    this.grid.addEventListener("pointerleave", () => ((this.hovered = ""), on.point(null)));
    this.grid.addEventListener("click", (event) => {
      const { r } = this.place(event);
      on.press(r);
      this.focus(r, -1);
    });
    this.grid.addEventListener("focusout", () => on.point(null));
    this.grid.addEventListener("keydown", (event) => this.key(event));
  }

  place(event) {
    const [r, c] = placeIn(this.grid, event, [this.count, this.columns]);
    return { r, c };
  }

  hover(event) {
    const { r, c } = this.place(event);
    if (this.hovered === `${r},${c}`) return;
    this.hovered = `${r},${c}`;
    this.on.point({ r, c });
  }

  key(event) {
    const ends = { Home: [-this.count, 0], End: [this.count, 0] };
    const step = stepOf(event,
      { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], ...ends });
    if (!step) return;
    const r = clamp(this.at.r + step[0], 0, this.count - 1);
    const last = this.rows[r].used - 1;
    const k = Math.min(Math.max(this.at.k + step[1], step[1] ? 0 : -1), last);
    if (step[0]) this.on.press(r);
    this.focus(r, k);
    this.on.point(k < 0 ? { r } : { r, c: this.rows[r].cells[k].column });
  }

  rove(r) {
    const old = this.rows[this.at.r]?.element;
    if (old) old.tabIndex = -1;
    this.at.r = Math.min(r, this.count - 1);
    const { element } = this.rows[this.at.r];
    element.tabIndex = 0;
    return element;
  }

  focus(r, k) {
    this.rove(r).focus({ preventScroll: true });
    this.at.k = k;
  }

  resize(count, columns) {
    if (this.columns !== columns) this.grid.style.setProperty("--columns", (this.columns = columns));
    const row = () => ({ element: h("div", { class: "cl-mv-row", role: "row", tabindex: -1 }), cells: [], used: 0 });
    while (this.rows.length < count) this.rows.push(row());
    if (this.count === count) return;
    while (this.count > count) this.rows[--this.count].element.remove();
    this.body.append(...this.rows.slice(this.count, count).map(({ element }) => element));
    this.count = count;
    this.grid.style.setProperty("--rows", count);
    this.rove(this.at.r);
  }

  /**
   * Show entries[r] = [{ column, text }, …] on rows of so many columns; `mark(r, i)` gives an entry's classes,
   * `read(r)` a row's name.
   */
  show(entries, columns, label, mark, read) {
    setAttribute(this.grid, "aria-label", label);
    this.resize(entries.length, columns);
    let longest = 1;
    for (let r = 0; r < entries.length; r++) {
      longest = Math.max(longest, this.showRow(this.rows[r], entries[r], (i) => mark(r, i)));
      const name = read(r);
      if (this.rows[r].name !== name) this.rows[r].element.setAttribute("aria-label", (this.rows[r].name = name));
    }
    const fit = Math.min(0.44, 1.4 / longest).toFixed(3);
    if (this.fit !== fit) setStyle(this.grid, "--fit", (this.fit = fit));
  }

  showRow(row, entries, mark) {
    const shown = Math.max(1, entries.length); // a row without entries keeps one cell, for those who listen
    while (row.used > shown) row.cells[--row.used].element.remove();
    while (row.cells.length < shown) row.cells.push({ element: h("div", { class: "cl-cell", role: "gridcell" }) });
    while (row.used < shown) row.element.append(row.cells[row.used++].element);
    let longest = 1;
    for (let i = 0; i < shown; i++) {
      const cell = row.cells[i];
      const { column, text } = entries[i] ?? { column: 0, text: "" };
      const marks = entries[i] ? mark(i) : "cl-empty";
      if (cell.column !== column) cell.element.style.setProperty("--c", (cell.column = column));
      if (cell.text !== text) cell.element.textContent = cell.text = text;
      if (cell.marks !== marks) cell.element.className = `cl-cell ${(cell.marks = marks)}`;
      longest = Math.max(longest, text.length);
    }
    return longest;
  }

  /** Frame one row, and one column if there is one. */
  frame(row, column) {
    this.outline.style.transform = `translate(0, calc(${row} * var(--cell)))`;
    this.stripe.hidden = column === null;
    if (column !== null) this.stripe.style.transform = `translate(calc(${column} * var(--cell)), 0)`;
  }
}

class MatrixView extends View {
  static traits = [
    "form", "input_preset", "input_values", "input_h", "input_w", "kernel_preset", "weight_values", "kernel_size",
    "stride", "padding",
  ];

  build() {
    this.pointed = {}; // what the pointer or the focus is on: { row, cell, tap }, each or none
    this.small = 0; // the side of a cell of the matrix, in pixels
    const choices = this.choices(
      this.menu("form", "form", this.tables.forms, "form"),
      this.menu("input_preset", "input", [...this.tables.inputs, "custom"], "preset", (name) =>
        this.set({ input_preset: name, ...(name === "custom" ? { input_values: this.now.input } : {}) })),
      this.kernelMenu([...this.tables.kernels, "custom"], () => ({ weight_values: this.now.weight })),
    );
    this.message = this.alert();
    this.makePlanes();
    this.makeProduct();
    this.stage = h("div", { class: "cl-mv-picture" }, this.inputGrid.element, sign("⊛"), this.kernelGrid.element,
      sign("="), this.outputGrid.element);
    this.arithmetic = h("div", { class: "cl-mv-sum", role: "group", "aria-label": this.say("arithmetic") });
    this.hint = h("div", { class: "cl-hint" });
    this.live = spoken();
    this.counted = h("table", { class: "cl-trace cl-mv-counts" });
    this.sharing = h("div", { class: "cl-mv-sharing" });
    const heads = ["trace_setting", "trace_matrix", "trace_connections", "convolution", "fully_connected"];
    this.trace = new Trace(this.say("trace"), heads.map((name) => this.say(name)), 1, KEPT);
    this.trace.element.classList.add("cl-mv-past");
    this.line = codeLine(this.words, this.say("code"));
    const below = h("div", { class: "cl-mv-below" }, this.caption, this.product);
    this.lower = h("div", { class: "cl-mv-lower" }, below, this.arithmetic, this.hint, this.counted, this.sharing,
      this.line.element, this.trace.element);
    this.onWidth(this.el, () => this.fitCells());
    return [choices, this.message, this.stage, this.lower, this.live];
  }

  // --- Planes: what stands above is the picture, what stands below the product

  makePlanes() {
    const { words } = this;
    this.inputGrid = new Grid(words, "input", {
      point: (at) => this.point(at && { cell: this.inside(at) }),
      press: (at) => this.inside(at) !== null,
      edit: (r, c, value) => {
        const input_values = changed(this.now.input, r - this.s.padding, c - this.s.padding, value);
        this.set({ input_preset: "custom", input_values });
      },
    });
    this.kernelGrid = new Grid(words, "kernel", {
      point: (at) => this.point(at && { tap: at.r * this.s.kernel_size + at.c }),
      edit: (r, c, value) =>
        this.set({ kernel_preset: "custom", weight_values: changed(this.now.weight, r, c, value) }),
    });
    const row = ({ r, c }) => r * this.now.size[1] + c;
    this.outputGrid = new Grid(words, "output", {
      point: (at) => (at && this.reveal(row(at)), this.point(at && { row: row(at) })),
      press: (at) => (this.toRow(row(at)), false),
      move: (r, c) => this.toRow(row({ r, c })),
    });
  }

  makeProduct() {
    const { words } = this;
    this.vector = new Grid(words, "input",
      { point: (at) => this.point(at && (this.sparse ? { cell: at.c } : { tap: at.c })) });
    this.matrix = new Band({
      point: (at) => this.point(at && this.meaning(at)),
      press: (r) => (this.toRow(r), this.reveal(r)),
    });
    this.result = new Grid(words, "output", {
      point: (at) => this.point(at && { row: at.r }),
      press: (at) => (this.toRow(at.r), false),
      move: (r) => this.toRow(r),
    });
    this.caption = h("div", { class: "cl-caption" });
    this.product = h("div", { class: "cl-mv-product" },
      h("div", { class: "cl-mv-vector" }, this.vector.grid), h("div", { class: "cl-mv-matrix" }, this.matrix.grid),
      h("div", { class: "cl-mv-result" }, h("span", { "aria-hidden": "true" }, "="), this.result.grid));
  }

  get sparse() {
    return this.s.form === "sparse";
  }

  toRow(row) {
    this.set({ row });
  }

  point(what) {
    const { row = null, cell = null, tap = null } = what ?? {};
    if (row === this.pointed.row && cell === this.pointed.cell && tap === this.pointed.tap) return;
    this.pointed = { row, cell, tap };
    if (!this.now.wrong) this.paint();
  }

  /** The number of the input cell at a place of the padded input; null in the padding. */
  inside({ r, c }) {
    const [y, x] = [r - this.s.padding, c - this.s.padding];
    return y >= 0 && x >= 0 && y < this.s.input_h && x < this.s.input_w ? y * this.s.input_w + x : null;
  }

  /** What an entry of the matrix stands for: the input cell and the kernel cell that meet there, if they do. */
  meaning({ r, c = -1 }) {
    if (c < 0) return { row: r };
    const [cell, tap] = this.sparse ? [c, this.now.taps[r][c]] : [this.now.sources[r][c], c];
    return { row: r, cell: cell < 0 ? null : cell, tap: tap < 0 ? null : tap };
  }

  /** Scroll a large matrix so that a row can be seen. */
  reveal(row) {
    const { product, small } = this;
    if (product.scrollHeight <= product.clientHeight) return;
    const [from, to] = [row * small, (row + 2.5) * small - product.clientHeight]; // the flattened input stands above
    if (product.scrollTop > from) product.scrollTop = from;
    else if (product.scrollTop < to) product.scrollTop = to + small;
  }

  // --- Showing it all

  draw(s, anew) {
    if (anew) {
      this.now = solve(s);
      this.pointed = {};
      this.layout(s);
    }
    if (this.now.wrong) this.paintInput(null, null);
    else this.paint();
  }

  /** What follows from sizes and choices, not from where the pointer is. */
  layout(s) {
    const { now, sparse } = this;
    this.message.hidden = !now.wrong;
    this.lower.hidden = this.outputGrid.element.hidden = now.wrong;
    const grids = { input: this.inputGrid, kernel: this.kernelGrid, output: this.outputGrid };
    for (const [name, grid] of Object.entries(grids)) setText(grid.caption, this.say(name));
    this.fitCells();
    if (now.wrong) {
      const [side, a] = now.axes[0].output === 0 ? ["side_h", now.axes[0]] : ["side_w", now.axes[1]];
      this.kernelGrid.show(now.weight, this.say("kernel"));
      const padding = paddingNeeded(a);
      return setText(this.message,
        this.say("problem", { side: this.say(side), kernel: a.kernel, padded: a.padded, padding }));
    }
    const n = counts(now);
    this.vector.grid.classList.toggle("cl-kernel", !sparse);
    this.vector.grid.classList.toggle("cl-input", sparse);
    this.matrix.grid.classList.toggle("cl-kernel", sparse);
    this.matrix.grid.classList.toggle("cl-mv-im2col", !sparse);
    setText(this.caption, this.say(`caption_${s.form}`, { rows: n.rows, columns: sparse ? n.columns : n.weights }));
    const texts = { w: now.w.map(format), x: now.x.map(format) };
    const entry = (cell, tap) => (sparse
      ? { column: cell, text: texts.w[tap], tap }
      : { column: tap, text: cell < 0 ? "0" : texts.x[cell], tap });
    this.entries = now.sources.map((cells) => cells.map(entry).filter(({ column }) => column >= 0));
    this.names = now.output.map((value, r) => this.say("spoken", { number: r, ...this.at(r), value: format(value) }));
    this.count(n);
    this.line.set(matrixCode(s));
    const setting = `H×W=${s.input_h}×${s.input_w}, K=${s.kernel_size}, S=${s.stride}, P=${s.padding}`;
    this.trace.add([setting, `${n.rows} × ${n.columns}`, n.connections, n.parameters, n.linear].map(String));
  }

  /** The output cell of a row. */
  at(row) {
    const columns = this.now.size[1];
    return { row: Math.floor(row / columns), column: row % columns };
  }

  count(n) {
    const times = (count) => this.say("times", { times: count });
    const shared = n.fewest === n.most ? times(n.most) : this.say("times_range", { fewest: n.fewest, most: n.most });
    const linear = `(H·W + 1)·OH·OW = (${n.columns} + 1)·${n.rows} = ${n.linear}`;
    const ofAll = (some) => this.say("of_all", { some, all: n.entries });
    const rows = {
      parameters: [`K·K + 1 = ${n.weights} + 1 = ${n.parameters}`, linear],
      connections: [ofAll(n.connections), ofAll(n.entries)],
      shared: [shared, times(1)],
    };
    const head = (name) => h("th", { scope: "row" }, this.say(`count_${name}`));
    const heads = [h("td"), this.say("convolution"), this.say("fully_connected")];
    const cells = Object.entries(rows).map(([name, texts]) => [head(name), ...texts]);
    fillTable(this.counted, this.say("counts"), heads, cells);
    setText(this.sharing, this.sparse
      ? this.say("zeros", { zeros: n.entries - n.connections, all: n.entries })
      : this.say("copies", { copies: n.copies, cells: n.columns }));
  }

  fitCells() {
    const { em, width, now, s } = this;
    const [padded, outputs] = [now.padded[0].length, now.size[1]];
    const beside = Math.min(em * 2.4, (width - em * 7) / (padded + s.kernel_size + (now.wrong ? 0 : outputs)));
    const alone = Math.min(em * 2.4, (width - em) / Math.max(padded, s.kernel_size, outputs));
    const columns = (this.sparse ? now.x.length : now.w.length) + 1;
    this.small = Math.max(em * 1.35, Math.min(em * 2.4, (width - em * 3) / columns));
    setCell(this.stage, beside >= em * 1.5 ? beside : alone);
    setCell(this.product, this.small);
  }

  paintInput(row, cell) {
    const { kernel_size: size, stride } = this.s;
    const at = row === null ? null : this.at(row);
    const own = at && { top: at.row * stride, left: at.column * stride, height: size, width: size };
    this.inputGrid.show(this.now.padded, this.say("input"), (r, c) => {
      const here = this.inside({ r, c });
      const read = own && r >= own.top && c >= own.left && r < own.top + size && c < own.left + size;
      return classes(here === null && "cl-pad", read && "cl-tap", here !== null && here === cell && "cl-lit");
    });
    this.inputGrid.frame(own);
  }

  /**
   * Light up the row and whatever else the pointer is on; `only`: a column or a weight alone, with everything it
   * reaches.
   */
  paint() {
    const { now, s, pointed } = this;
    const row = pointed.row ?? clamp(this.get("row"), 0, now.sources.length - 1);
    const { cell = null, tap = null } = pointed;
    const only = pointed.row === null || pointed.row === undefined;
    const [K, columns] = [s.kernel_size, now.size[1]];
    const shade = (index) => `cl-w${Math.round((5 * index) / Math.max(1, now.w.length - 1))}`;
    const fed = (index) => only && cell !== null && now.taps[index][cell] >= 0;
    const marked = (index) => classes(index === row && "cl-now", fed(index) && "cl-lit");
    this.paintInput(row, cell);
    this.kernelGrid.show(now.weight, this.say("kernel"),
      (r, c) => classes(shade(r * K + c), r * K + c === tap && "cl-lit"));
    const output = now.axes[0].starts.map((_, r) => now.output.slice(r * columns, (r + 1) * columns));
    this.outputGrid.show(output, this.say("output"), (r, c) => marked(r * columns + c));
    this.result.show(now.output.map((value) => [value]), this.say("output_flat"), (r) => marked(r));
    if (this.sparse) this.paintSparse(row, cell, tap, only, shade);
    else this.paintWindows(row, cell, tap, only, shade);
    this.write(row, cell, tap, only);
  }

  paintSparse(row, cell, tap, only, shade) {
    const { now, entries, names } = this;
    const reads = new Set(now.sources[row]);
    this.vector.show([now.x], this.say("input_flat"),
      (_, c) => classes(reads.has(c) && "cl-tap", c === cell && "cl-lit"));
    this.matrix.show(entries, now.x.length, this.say("matrix_sparse"), (r, i) => {
      const { tap: own, column } = entries[r][i];
      if (r === row) return classes("cl-tap", column === cell && "cl-lit");
      return classes(shade(own), only && (column === cell || own === tap) && "cl-lit");
    }, (r) => names[r]);
    this.matrix.frame(row, cell);
  }

  paintWindows(row, cell, tap, only, shade) {
    const { now, entries, names } = this;
    this.vector.show([now.w], this.say("kernel_flat"), (_, c) => classes(shade(c), c === tap && "cl-lit"));
    this.matrix.show(entries, now.w.length, this.say("matrix_im2col"), (r, i) => {
      const source = now.sources[r][i];
      const lit = r === row ? i === tap && !only : only && cell !== null && source === cell;
      return classes(source < 0 && "cl-pad", r === row && "cl-tap", lit && "cl-lit");
    }, (r) => names[r]);
    this.matrix.frame(row, tap);
  }

  /** The row's arithmetic, term by term, and a sentence about what is pointed at. */
  write(row, cell, tap, only) {
    const { now, sparse } = this;
    const all = now.sources[row].map((source, k) => ({ source, k, w: now.w[k], x: source < 0 ? 0 : now.x[source] }));
    const terms = sparse ? all.filter(({ source }) => source >= 0) : all;
    const parts = terms.flatMap(({ source, k, w, x }, i) => {
      const factors = [h("span", { class: "cl-mv-w" }, factor(w)), "·",
        h("span", { class: source < 0 ? "cl-mv-pad" : "cl-mv-x" }, factor(x))];
      const look = classes("cl-mv-term", !only && k === tap && "cl-mv-lit");
      return [i ? " + " : "", h("span", { class: look }, ...(sparse ? factors : factors.reverse()))];
    });
    const value = now.output[row];
    const equal = equals(value, ...terms.flatMap(({ w, x }) => [w, x]));
    this.arithmetic.replaceChildren(h("b", {}, `${this.say("output_at", this.at(row))} = `),
      ...(parts.length ? parts : ["0"]),
      ` ${equal} `, h("b", { class: "cl-value" }, format(value)));
    setText(this.hint, this.remark(row, cell, tap, only, terms.length));
    const values = { weight: format(now.w[tap] ?? 0), input: format(cell === null ? 0 : now.x[cell]) };
    setText(this.live, `${this.names[row]} ${!only && tap !== null ? this.say("spoken_entry", values) : ""}`);
  }

  remark(row, cell, tap, only, used) {
    const { now, s } = this;
    if (only && cell !== null) {
      const outputs = now.taps.filter((taps) => taps[cell] >= 0).length;
      const place = { row: Math.floor(cell / s.input_w), column: cell % s.input_w };
      return this.say("about_cell", { ...place, number: cell, outputs });
    }
    if (only && tap !== null) {
      const times = now.sources.filter((cells) => cells[tap] >= 0).length;
      return this.say("about_tap", { value: format(now.w[tap]), times });
    }
    return this.say(`about_row_${s.form}`, { number: row, used, all: this.sparse ? now.x.length : now.w.length });
  }
}

export default MatrixView.open("matrix_view");
