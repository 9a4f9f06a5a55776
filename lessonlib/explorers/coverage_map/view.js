// The coverage map: how many windows read each pixel. base.js stands in front of this file.

const SIZES = ["input", "kernel", "stride", "padding", "dilation"];
const LEVELS = 8; // shades of the map

/** The axes of a state, [height, width]: widths follow heights unless they are set apart. */
export function axesOf(s) {
  return ["h", "w"].map((side) => axis(...SIZES.map((name) => s[`${name}_${s.apart ? side : "h"}`])));
}

/** How many windows read each cell of a padded axis. */
export function countsOf(a) {
  const counts = new Array(a.padded).fill(0);
  for (const start of a.starts) for (let k = 0; k < a.kernel; k++) counts[start + k * a.dilation] += 1;
  return counts;
}

/** The output cells along one axis whose windows read a cell of the padded axis. */
export function readersOf(a, cell) {
  return a.starts.flatMap((start, i) => {
    const from = cell - start;
    return from >= 0 && from % a.dilation === 0 && from / a.dilation < a.kernel ? [i] : [];
  });
}

/** Everything on screen: both axes with their counts, the products, and where they go. */
export function solve(s) {
  const both = axesOf(s);
  const fits = both.every((a) => a.output > 0);
  const [rows, columns] = both.map((a) => (fits ? countsOf(a) : new Array(a.padded).fill(null)));
  const counts = rows.map((r) => columns.map((c) => (fits ? r * c : null)));
  const inside = (i, a) => i >= a.padding && i < a.padding + a.input;
  const reads = fits ? sum(counts.flat()) : 0;
  const onImage = fits ? sum(counts.flatMap((row, r) => row.filter((_, c) => inside(r, both[0]) && inside(c, both[1])))) : 0;
  const unread = fits ? sum(counts.map((row, r) => row.filter((count, c) => count === 0 && inside(r, both[0]) && inside(c, both[1])).length)) : 0;
  return { both, fits, rows, columns, counts, reads, onImage, unread, most: fits ? Math.max(...rows) * Math.max(...columns) : 0 };
}

/** nn.Conv2d for this state. */
export function convCode(s) {
  const parts = ["1", "1"];
  for (const [name, usual] of [["kernel_size", null], ["stride", 1], ["padding", 0], ["dilation", 1]]) {
    const trait = name === "kernel_size" ? "kernel" : name;
    const [high, wide] = [s[`${trait}_h`], s[`${trait}_${s.apart ? "w" : "h"}`]];
    if (high !== usual || wide !== usual) parts.push(`${name}=${high === wide ? high : `(${high}, ${wide})`}`);
  }
  return `nn.Conv2d(${parts.join(", ")})`;
}

const KEPT = 5; // settings in the trace
const [LEAST_CELL, WINDOW_CELL] = [1.6, 1.5]; // in em: the smallest cell of the map beside the output, a cell of the output
const OUTLINES = 49; // windows that are outlined at most: 7 × 7

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const NAMES = [...SIZES.flatMap((name) => [`${name}_h`, `${name}_w`]), "apart"];
    const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    let now = null;
    let known = "";
    let hovered = null; // the padded cell that the pointer or the focus is on
    let over = null; // the output cell that the pointer or the focus is on
    let width = 900;
    let trace = [];
    let rest = null; // the timer that waits for the sliders to rest
    signal?.addEventListener("abort", () => clearTimeout(rest));

    const apart = checkbox(say("apart"), (on) =>
      set(on ? { apart: on, ...Object.fromEntries(SIZES.map((name) => [`${name}_w`, model.get(`${name}_h`)])) } : { apart: on }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") }, apart.element, large.element, reset);
    const formulas = h("div", { class: "cl-cov-formulas", role: "group", "aria-label": say("formula") });
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });

    const same = (one, other) => one?.r === other?.r && one?.c === other?.c;
    const map = new Grid(words, "input", {
      point: (cell) => {
        if (same(cell, hovered)) return;
        hovered = cell;
        paint();
      },
      press: ({ r, c }) => set({ position: [r - now.both[0].padding, c - now.both[1].padding] }),
      move: (r, c) => set({ position: [r - now.both[0].padding, c - now.both[1].padding] }),
    });
    const [rowCounts, columnCounts] = [new Grid(words, "cov-count"), new Grid(words, "cov-count")];
    const output = new Grid(words, "output", {
      point: (cell) => {
        if (same(cell, over)) return;
        over = cell;
        paint();
      },
    });
    const outlines = Array.from({ length: OUTLINES }, () => h("div", { class: "cl-outline cl-cov-window", "aria-hidden": "true", hidden: true }));
    map.grid.append(...outlines);
    const cross = h("div", { class: "cl-cov-times", "aria-hidden": "true" }, "×");
    const table = h("div", { class: "cl-cov-table" }, cross, columnCounts.grid, rowCounts.grid, map.grid);
    const stage = h("div", { class: "cl-cov-stage" }, h("div", { class: "cl-panel" }, map.caption, table), output.element);
    const sentence = h("div", { class: "cl-cov-sentence" });
    const totals = h("div", { class: "cl-cov-totals" });
    const verdict = h("div", { class: "cl-note" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const line = codeLine(words, say("code"));
    const traceTable = h("table", { class: "cl-cov-trace" });
    el.replaceChildren(bar, formulas, message, stage, sentence, totals, verdict, live, line.element, traceTable);

    function draw() {
      const s = state();
      const key = JSON.stringify(s);
      if (key !== known) {
        [now, known] = [solve(s), key];
        fitCells(); // reads styles, so before anything is written
        frame(s);
      } else fitCells();
      [apart, large].forEach((box, i) => box.set(model.get(["apart", "large"][i])));
      paint();
    }

    /** What changes with the sizes alone. */
    function frame(s) {
      const { both, fits } = now;
      patch(formulas, h("div", {}, ...(s.apart ? ["h", "w"] : [""]).map((letter, i) => formula(letter, both[i]))));
      message.hidden = fits;
      const bad = both.find((a) => a.output === 0);
      setText(message, bad ? say("impossible", { kernel: bad.kernel, span: bad.effective, dilation: bad.dilation, input: bad.input, padding: bad.padding, padded: bad.padded, needed: bad.padding + Math.ceil((bad.effective - bad.padded) / 2) }) : "");
      stage.classList.toggle("cl-cov-none", !fits);
      setText(map.caption, say("map"));
      setText(output.caption, fits ? say("output", { rows: both[0].output, columns: both[1].output }) : "");
      output.element.hidden = columnCounts.grid.hidden = rowCounts.grid.hidden = cross.hidden = !fits;
      line.set(convCode(s));
      const [rows, columns] = both.map((a) => a.output);
      const padding = now.reads - now.onImage;
      const values = { rows, columns, kh: both[0].kernel, kw: both[1].kernel, reads: now.reads, image: now.onImage, padding };
      setText(totals, fits ? say(padding ? "totals_padding" : "totals", values) : "");
      setText(verdict, fits ? say(now.unread ? "unread" : "all_read", { count: now.unread }) : "");
      clearTimeout(rest);
      if (fits) rest = setTimeout(() => remember(s, now), 150);
    }

    /** The last few settings at which the sliders rested stay, to be compared. */
    function remember(s, now) {
      const both = (high, wide) => (high === wide ? `${high}` : `${high}×${wide}`);
      const of = (name) => both(s[`${name}_h`], s[`${name}_${s.apart ? "w" : "h"}`]);
      const [top, left] = now.both.map((a) => a.padding);
      const corner = now.counts[top][left];
      const row = [...["input", "kernel", "padding", "stride", "dilation"].map(of), both(now.both[0].output, now.both[1].output), corner, now.most, now.unread].map(String);
      trace = [row, ...trace.filter((one) => String(one.slice(0, 5)) !== String(row.slice(0, 5)))].slice(0, KEPT);
      const heads = ["I", "K", "P", "S", "D", "O", say("trace_corner"), say("trace_most"), say("trace_unread")];
      traceTable.replaceChildren(h("caption", {}, say("trace")), h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...trace.map((one) => h("tr", {}, ...one.map((text) => h("td", {}, text))))));
    }

    /** Cells as large as the width allows. They depend on the padded input alone: a kernel or a stride that changes moves no cell. */
    function fitCells() {
      const em = parseFloat(getComputedStyle(el).fontSize);
      const wide = now.both[1].padded + 1;
      const beside = (width - 3 * em - (wide - 1) * WINDOW_CELL * em) / wide;
      stage.classList.toggle("cl-cov-below", beside < LEAST_CELL * em);
      const cell = Math.min(2.3 * em, beside < LEAST_CELL * em ? (width - 1.5 * em) / wide : beside);
      const put = (element, size) => {
        const value = `${Math.floor(size * 2) / 2}px`;
        if (element.style.getPropertyValue("--cell") !== value) element.style.setProperty("--cell", value);
      };
      put(table, cell);
      put(output.element, Math.min(WINDOW_CELL * em, cell));
    }
    const resized = new ResizeObserver(([{ contentRect }]) => {
      width = contentRect.width;
      if (now) fitCells();
    });
    resized.observe(el);
    signal?.addEventListener("abort", () => resized.disconnect());

    function paint() {
      const { both, fits, rows, columns, counts, most } = now;
      const clamp = (at, a) => Math.min(Math.max(at, 0), a.padded - 1);
      const chosen = model.get("position").map((at, i) => clamp(at + both[i].padding, both[i]));
      const at = hovered ? [clamp(hovered.r, both[0]), clamp(hovered.c, both[1])] : chosen;
      const isPad = (r, c) => r < both[0].padding || c < both[1].padding || r >= both[0].padding + both[0].input || c >= both[1].padding + both[1].input;
      const readers = fits ? both.map((a, i) => readersOf(a, at[i])) : [[], []];
      const one = fits && over && over.r < both[0].output && over.c < both[1].output ? over : null;
      const taken = one && [one.r, one.c].map((i, k) => new Set(Array.from({ length: both[k].kernel }, (_, n) => both[k].starts[i] + n * both[k].dilation)));
      const level = (count) => Math.ceil((LEVELS * count) / (most || 1));
      map.show(counts, say("map_label"), (r, c) => {
        const kind = !fits ? (isPad(r, c) ? "cl-pad" : "") : isPad(r, c) ? "cl-pad" : counts[r][c] === 0 ? "cl-unreached" : `cl-cov-${level(counts[r][c])}`;
        const lit = one ? taken[0].has(r) && taken[1].has(c) : fits && r === at[0] && c === at[1];
        return lit ? `${kind} ${one ? "cl-cov-read" : "cl-lit"}` : kind;
      }, (r, c) => {
        const place = { row: r - both[0].padding, column: c - both[1].padding };
        if (!fits) return say("cell_none", place);
        return say(isPad(r, c) ? "cell_padding" : "cell_pixel", { ...place, count: counts[r][c] });
      }, `${both[0].padding},${both[1].padding}`);
      if (fits) {
        rowCounts.show(rows.map((count) => [count]), say("row_counts"), (r) => (!one && r === at[0] ? "cl-lit" : ""));
        columnCounts.show([columns], say("column_counts"), (r, c) => (!one && c === at[1] ? "cl-lit" : ""));
        const [readRows, readColumns] = readers.map((list) => new Set(list));
        const blank = both[0].starts.map(() => both[1].starts.map(() => ""));
        output.show(blank, say("output_label"), (r, c) => (one ? (r === one.r && c === one.c ? "cl-now" : "") : readRows.has(r) && readColumns.has(c) ? "cl-now" : ""),
          (r, c) => say("cell_output", { row: r, column: c, reads: say(readRows.has(r) && readColumns.has(c) ? "reads" : "reads_not") }));
      }
      // The windows that read the pixel, or the one that the pointer is on in the output.
      const windows = one ? [[one.r, one.c]] : readers[0].flatMap((r) => readers[1].map((c) => [r, c]));
      outlines.forEach((outline, i) => {
        outline.hidden = i >= windows.length;
        if (outline.hidden) return;
        const [top, left] = windows[i].map((index, k) => both[k].starts[index]);
        const style = `--height: ${both[0].effective}; --width: ${both[1].effective}; transform: translate(calc(${left} * var(--cell)), calc(${top} * var(--cell)));`;
        if (outline.style.cssText !== style) outline.style.cssText = style;
      });
      if (!fits) return setText(sentence, ""), setText(live, message.textContent);
      const [r, c] = [at[0] - both[0].padding, at[1] - both[1].padding];
      const values = { row: format(r), column: format(c), rows: rows[at[0]], columns: columns[at[1]], count: counts[at[0]][at[1]] };
      const text = one
        ? say("one_window", { row: one.r, column: one.c, cells: both[0].kernel * both[1].kernel })
        : say(isPad(...at) ? "pixel_padding" : values.count ? "pixel" : "pixel_unread", values);
      setText(sentence, text);
      setText(live, `${text} ${say("spoken", { rows: both[0].output, columns: both[1].output })}`);
    }

    mount({ model, el, signal }, draw, (trait) => trait.endsWith("_w") && !model.get("apart"));
  },
};
