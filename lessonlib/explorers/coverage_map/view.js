// The coverage map: how many windows read each pixel.

import { sum } from "../../kit/convolution.js";
import { SIZES, axesOf, clamp, isInside, paddingNeeded, readersOf } from "../../kit/geometry.js";
import { Grid, frame } from "../../kit/grid.js";
import { Trace, classes, codeLine, formula, h, patch, setCell, setText, spoken } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format, sides } from "../../kit/words.js";

const LEVELS = 8; // shades of the map
const KEPT = 5; // settings in the trace
// in em: the smallest cell of the map beside the output, a cell of the output
const [LEAST_CELL, WINDOW_CELL] = [1.6, 1.5];
const OUTLINES = 49; // windows that are outlined at most: 7 × 7

/** How many windows read each cell of a padded axis. */
export function countsOf(a) {
  const counts = new Array(a.padded).fill(0);
  for (const start of a.starts) for (let k = 0; k < a.kernel; k++) counts[start + k * a.dilation] += 1;
  return counts;
}

/** Everything on screen: both axes with their counts, the products, and where they go. */
export function solve(s) {
  const both = axesOf(s);
  const fits = both.every((a) => a.output > 0);
  if (!fits) {
    const [rows, columns] = both.map((a) => new Array(a.padded).fill(null));
    return { both, fits, rows, columns, counts: rows.map(() => columns), reads: 0, onImage: 0, unread: 0, most: 0 };
  }
  const [rows, columns] = both.map(countsOf);
  const counts = rows.map((r) => columns.map((c) => r * c));
  const image = counts.flatMap((row, r) => row.filter((_, c) => isInside(both, r, c)));
  const unread = image.filter((count) => count === 0).length;
  const most = Math.max(...rows) * Math.max(...columns);
  return { both, fits, rows, columns, counts, reads: sum(counts.flat()), onImage: sum(image), unread, most };
}

/** nn.Conv2d for this state. */
export function convCode(s) {
  const both = axesOf(s);
  const pair = (name) => both.map((a) => a[name]);
  const named = { stride: pair("stride"), padding: pair("padding"), dilation: pair("dilation") };
  return callCode("nn.Conv2d", [1, 1], { kernel_size: pair("kernel"), ...named });
}

class CoverageMap extends View {
  static traits = [...SIZES.flatMap((name) => [`${name}_h`, `${name}_w`]), "apart", "position"];

  build() {
    const choices = this.choices(this.apartFlag(SIZES));
    this.over = null; // the output cell that the pointer or the focus is on
    this.formulas = h("div", { class: "cl-cov-formulas", role: "group", "aria-label": this.say("formula") });
    this.message = this.alert();
    this.makeGrids();
    const table = h("div", { class: "cl-cov-table" }, this.cross, this.columnCounts.grid, this.rowCounts.grid,
      this.map.grid);
    this.table = table;
    this.stage = h("div", { class: "cl-cov-stage" },
      h("div", { class: "cl-panel" }, this.map.caption, table), this.output.element);
    this.sentence = h("div", { class: "cl-cov-sentence" });
    this.totals = h("div", { class: "cl-cov-totals" });
    this.verdict = h("div", { class: "cl-note" });
    this.live = spoken();
    this.line = codeLine(this.words, this.say("code"));
    const heads = ["I", "K", "P", "S", "D", "O",
      ...["corner", "most", "unread"].map((name) => this.say(`trace_${name}`))];
    this.trace = new Trace(this.say("trace"), heads, 5, KEPT);
    this.rest = undefined; // the timer that waits for the sliders to rest
    this.atEnd(() => clearTimeout(this.rest));
    this.onWidth(this.el, () => this.fitCells());
    return [choices, this.formulas, this.message, this.stage, this.sentence, this.totals, this.verdict, this.live,
      this.line.element, this.trace.element];
  }

  makeGrids() {
    const go = (r, c) => this.set({ position: [r - this.now.both[0].padding, c - this.now.both[1].padding] });
    this.map = new Grid(this.words, "input",
      { point: (cell) => this.look(cell), press: ({ r, c }) => go(r, c), move: go });
    this.rowCounts = new Grid(this.words, "cov-count");
    this.columnCounts = new Grid(this.words, "cov-count");
    this.output = new Grid(this.words, "output", {
      point: (cell) => {
        if (cell?.r === this.over?.r && cell?.c === this.over?.c) return;
        this.over = cell;
        this.redraw();
      },
    });
    this.outlines = Array.from({ length: OUTLINES }, () =>
      h("div", { class: "cl-outline cl-cov-window", "aria-hidden": "true", hidden: true }));
    this.map.grid.append(...this.outlines);
    this.cross = h("div", { class: "cl-cov-times", "aria-hidden": "true" }, "×");
  }

  draw(s, changed) {
    if (changed) {
      this.now = solve(s);
      this.fitCells();
      this.frame(s);
    }
    this.point(s);
  }

  hidden(trait) {
    return trait.endsWith("_w") && !this.get("apart");
  }

  /** What changes with the sizes alone. */
  frame(s) {
    const { both, fits, reads, onImage, unread } = this.now;
    const letters = s.apart ? ["h", "w"] : [""];
    patch(this.formulas, h("div", {}, ...letters.map((letter, i) => formula(letter, both[i]))));
    const bad = both.find((a) => a.output === 0);
    this.message.hidden = fits;
    setText(this.message,
      bad ? this.say("impossible", { ...bad, span: bad.effective, needed: paddingNeeded(bad) }) : "");
    this.stage.classList.toggle("cl-cov-none", !fits);
    setText(this.map.caption, this.say("map"));
    const [rows, columns] = both.map((a) => a.output);
    setText(this.output.caption, fits ? this.say("output", { rows, columns }) : "");
    const parts = [this.output.element, this.columnCounts.grid, this.rowCounts.grid, this.cross];
    for (const one of parts) one.hidden = !fits;
    this.line.set(convCode(s));
    const padding = reads - onImage;
    const values = { rows, columns, kh: both[0].kernel, kw: both[1].kernel, reads, image: onImage, padding };
    setText(this.totals, fits ? this.say(padding ? "totals_padding" : "totals", values) : "");
    setText(this.verdict, fits ? this.say(unread ? "unread" : "all_read", { count: unread }) : "");
    clearTimeout(this.rest);
    if (fits) this.rest = setTimeout(() => this.remember(this.now), 150);
  }

  /** The last few settings at which the sliders rested stay, to be compared. */
  remember({ both, counts, most, unread }) {
    const settings = ["input", "kernel", "padding", "stride", "dilation", "output"];
    const [top, left] = both.map((a) => a.padding);
    const sizes = settings.map((name) => sides(both.map((a) => a[name])));
    this.trace.add([...sizes, counts[top][left], most, unread].map(String));
  }

  /**
   * Cells as large as the width allows. They depend on the padded input alone: a kernel or a stride that changes moves
   * no cell.
   */
  fitCells() {
    const { em, width } = this;
    const wide = this.now.both[1].padded + 1;
    const beside = (width - 3 * em - (wide - 1) * WINDOW_CELL * em) / wide;
    const below = beside < LEAST_CELL * em;
    this.stage.classList.toggle("cl-cov-below", below);
    const cell = Math.min(2.3 * em, below ? (width - 1.5 * em) / wide : beside);
    setCell(this.table, cell);
    setCell(this.output.element, Math.min(WINDOW_CELL * em, cell));
  }

  /** What follows from where the pointer is: on the map, at `at`, or on one window, of the output cell `one`. */
  point(s) {
    const { both, fits } = this.now;
    const chosen = s.position.map((at, i) => at + both[i].padding);
    const wanted = this.hovered ? [this.hovered.r, this.hovered.c] : chosen;
    const at = wanted.map((one, i) => clamp(one, 0, both[i].padded - 1));
    const { over } = this;
    const one = fits && over && over.r < both[0].output && over.c < both[1].output ? over : null;
    const readers = fits ? both.map((a, i) => readersOf(a, at[i])) : [[], []];
    this.showMap(at, one);
    if (fits) this.showCounts(at, one, readers);
    const windows = one ? [[one.r, one.c]] : readers[0].flatMap((r) => readers[1].map((c) => [r, c]));
    this.outlines.forEach((outline, i) => {
      outline.hidden = i >= windows.length;
      if (outline.hidden) return;
      const [top, left] = windows[i].map((index, k) => both[k].starts[index]);
      frame(outline, { top, left, height: both[0].effective, width: both[1].effective });
    });
    this.tell(at, one);
  }

  showMap(at, one) {
    const { both, fits, counts, most } = this.now;
    const taken = one && [one.r, one.c].map((i, k) =>
      new Set(Array.from({ length: both[k].kernel }, (_, n) => both[k].starts[i] + n * both[k].dilation)));
    const kind = (r, c) => {
      if (!isInside(both, r, c)) return "cl-pad";
      if (!fits) return "";
      return counts[r][c] === 0 ? "cl-unreached" : `cl-cov-${Math.ceil((LEVELS * counts[r][c]) / (most || 1))}`;
    };
    const mark = (r, c) => {
      const lit = one ? taken[0].has(r) && taken[1].has(c) : fits && r === at[0] && c === at[1];
      return classes(kind(r, c), lit && (one ? "cl-cov-read" : "cl-lit"));
    };
    const name = (r, c) => {
      const place = { row: r - both[0].padding, column: c - both[1].padding };
      if (!fits) return this.say("cell_none", place);
      return this.say(isInside(both, r, c) ? "cell_pixel" : "cell_padding", { ...place, count: counts[r][c] });
    };
    this.map.show(counts, this.say("map_label"), mark, name, `${both.map((a) => a.padding)}`);
  }

  showCounts(at, one, readers) {
    const { both, rows, columns } = this.now;
    const lit = (index, k) => (!one && index === at[k] ? "cl-lit" : "");
    this.rowCounts.show(rows.map((count) => [count]), this.say("row_counts"), (r) => lit(r, 0));
    this.columnCounts.show([columns], this.say("column_counts"), (r, c) => lit(c, 1));
    const [readRows, readColumns] = readers.map((list) => new Set(list));
    const reads = (r, c) => readRows.has(r) && readColumns.has(c);
    const blank = both[0].starts.map(() => both[1].starts.map(() => ""));
    this.output.show(blank, this.say("output_label"),
      (r, c) => ((one ? r === one.r && c === one.c : reads(r, c)) ? "cl-now" : ""),
      (r, c) => this.say("cell_output", { row: r, column: c, reads: this.say(reads(r, c) ? "reads" : "reads_not") }));
  }

  tell(at, one) {
    const { both, fits, rows, columns, counts } = this.now;
    if (!fits) return setText(this.sentence, ""), setText(this.live, this.message.textContent);
    const [row, column] = at.map((place, i) => format(place - both[i].padding));
    const values = { row, column, rows: rows[at[0]], columns: columns[at[1]], count: counts[at[0]][at[1]] };
    const pixel = !isInside(both, at[0], at[1]) ? "pixel_padding" : values.count ? "pixel" : "pixel_unread";
    const text = one
      ? this.say("one_window", { row: one.r, column: one.c, cells: both[0].kernel * both[1].kernel })
      : this.say(pixel, values);
    setText(this.sentence, text);
    setText(this.live, `${text} ${this.say("spoken", { rows: both[0].output, columns: both[1].output })}`);
  }
}

export default CoverageMap.open("coverage_map");
