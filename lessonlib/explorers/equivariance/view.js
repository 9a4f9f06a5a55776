// Shift first or filter first: drag the input about, and see where the two ways part. base.js stands in front of this file.

const SIGN = ["111", "100", "110", "100"];
const SMALL = 1e-9; // what floating point leaves of a difference of 0

/** The input before the shift: explorers/equivariance.py has the same. */
export function inputOf(s) {
  const size = [s.input_h, s.input_w];
  if (s.input_preset === "custom") return s.input_values;
  if (s.input_preset !== "sign") return picture(s.input_preset, size);
  const [top, left] = [(size[0] - SIGN.length) >> 1, (size[1] - SIGN[0].length) >> 1];
  return plane(...size, (r, c) => 9 * Number(SIGN[r - top]?.[c - left] ?? 0));
}

export function weightOf(s) {
  const size = s.kernel_size;
  if (s.kernel_preset !== "custom") return kernel(s.kernel_preset, [size, size]);
  return plane(size, size, (r, c) => s.weight_values[r]?.[c] ?? 0);
}

/** A plane moved down and to the right; zeros come in, or what has left. */
export function shifted(values, rows, columns, wrap) {
  const [height, width] = [values.length, values[0].length];
  const round = (i, size) => ((i % size) + size) % size;
  return plane(height, width, (r, c) =>
    wrap ? values[round(r - rows, height)][round(c - columns, width)] : (values[r - rows]?.[c - columns] ?? 0));
}

export function filtered(values, weight, s) {
  const padded = pad(values, [s.padding, s.padding], s.padding_mode);
  const [rows, columns] = [values.length, values[0].length].map((size) => axis(size, s.kernel_size, s.stride, s.padding).output);
  return plane(rows, columns, (r, c) => {
    let total = 0;
    for (const [i, line] of weight.entries()) for (let j = 0; j < line.length; j++) total += line[j] * padded[r * s.stride + i][c * s.stride + j];
    return total;
  });
}

function compare(first, second) {
  const difference = first.map((row, r) => row.map((value, c) => (Math.abs(value - second[r][c]) < SMALL ? 0 : value - second[r][c])));
  const sizes = difference.flat().map(Math.abs);
  return { difference, count: sizes.filter(Boolean).length, largest: Math.max(...sizes) };
}

/** Everything on screen; `shifted` and what follows from it are null where the shift is no multiple of the stride. */
export function solve(s) {
  const [input, weight] = [inputOf(s), weightOf(s)];
  const moved = shifted(input, s.shift_rows, s.shift_columns, s.wrap);
  const [output, ofShifted] = [filtered(input, weight, s), filtered(moved, weight, s)];
  const shift = [s.shift_rows, s.shift_columns];
  const by = shift.map((cells) => cells / s.stride);
  const found = { padded: pad(moved, [s.padding, s.padding], s.padding_mode), weight, ofShifted, by, shifted: null, nearest: null };
  if (by.every(Number.isInteger)) {
    const second = shifted(output, ...by, s.wrap);
    return { ...found, shifted: second, ...compare(ofShifted, second) };
  }
  // The whole moves around it: the one that leaves least.
  const around = (value) => [...new Set([Math.floor(value), Math.ceil(value)])];
  const moves = around(by[0]).flatMap((rows) => around(by[1]).map((columns) => [rows, columns]));
  const tries = moves.map((move) => ({ move, ...compare(ofShifted, shifted(output, ...move, s.wrap)) }));
  return { ...found, nearest: tries.sort((a, b) => a.count - b.count || a.largest - b.largest)[0] };
}

/** nn.Conv2d for this state. */
export function convCode(s) {
  const parts = ["1", "1", `kernel_size=${s.kernel_size}`];
  if (s.stride !== 1) parts.push(`stride=${s.stride}`);
  if (s.padding !== 0) parts.push(`padding=${s.padding}`);
  if (s.padding_mode !== "zeros") parts.push(`padding_mode="${s.padding_mode}"`);
  return `nn.Conv2d(${parts.join(", ")}, bias=False)`;
}

/** A number with its sign, as differences are shown. */
export function signed(value) {
  return value > 0 ? `+${format(value)}` : format(value);
}

const STATE = ["input_preset", "input_values", "input_h", "input_w", "kernel_preset", "weight_values", "kernel_size", "stride", "padding", "padding_mode", "shift_rows", "shift_columns", "wrap"];
const KEPT = 4; // settings in the trace

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const state = () => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    let now = null; // what is on screen
    let known = ""; // the state it was worked out from
    let pointed = null; // the output cell that the pointer or the focus is on
    let width = 900;
    let em = 0; // the size of the text, as it was when `sized` was the choice of large; NaN until the view is in the page
    let sized = null;
    const trace = [];

    // --- Choices
    const inputs = select(say("input"), [], (name) => set({ input_preset: name }));
    const kernels = select(say("kernel"), [...Object.keys(KERNELS), "custom"].map((name) => [name, say(`preset_${name}`)]), (name) =>
      set(name === "custom" ? { kernel_preset: name, weight_values: now.weight } : { kernel_preset: name }));
    const modes = select(say("padding_mode"), ["zeros", "reflect", "replicate", "circular"].map((mode) => [mode, say(`mode_${mode}`)]), (mode) => set({ padding_mode: mode }));
    const wrap = checkbox(say("wrap"), (on) => set({ wrap: on }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") },
      inputs.element, kernels.element, modes.element, wrap.element, large.element, reset);

    // --- Planes
    const point = (cell) => {
      if (cell?.r === pointed?.r && cell?.c === pointed?.c) return;
      pointed = cell;
      draw();
    };
    const moved = new Grid(words, "input");
    const [first, second] = [0, 1].map(() => new Grid(words, "output", { point }));
    const apart = new Grid(words, "apart", { point });
    const kernelGrid = new Grid(words, "kernel", {
      edit: (r, c, value) => set({ kernel_preset: "custom", weight_values: now.weight.map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) }),
    });
    const stage = h("div", { class: "cl-ways" }, moved.element, first.element, second.element, apart.element, kernelGrid.element);
    const byLine = h("div", { class: "cl-moves" });
    const verdict = h("div", { class: "cl-message cl-verdict" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const table = h("table", { class: "cl-trace" });
    const line = codeLine(words, say("code"));
    el.replaceChildren(bar, stage, byLine, verdict, live, line.element, table);
    moved.grid.classList.add("cl-draggable");

    // --- Moving the input, by pointer and by keys
    const limit = (rows, columns) => {
      const clamp = (value, size) => Math.min(Math.max(value, 1 - size), size - 1);
      return { shift_rows: clamp(rows, model.get("input_h")), shift_columns: clamp(columns, model.get("input_w")) };
    };
    const shiftTo = (rows, columns) => {
      const wanted = limit(rows, columns);
      if (wanted.shift_rows !== model.get("shift_rows") || wanted.shift_columns !== model.get("shift_columns")) set(wanted);
    };
    let drag = null;
    moved.grid.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      moved.grid.setPointerCapture(event.pointerId);
      const cell = moved.cells[0][0].getBoundingClientRect().width;
      drag = { x: event.clientX, y: event.clientY, cell, rows: model.get("shift_rows"), columns: model.get("shift_columns") };
    });
    moved.grid.addEventListener("pointermove", (event) => {
      if (!drag) return;
      shiftTo(drag.rows + Math.round((event.clientY - drag.y) / drag.cell), drag.columns + Math.round((event.clientX - drag.x) / drag.cell));
    });
    for (const end of ["pointerup", "pointercancel"]) moved.grid.addEventListener(end, () => (drag = null));
    moved.grid.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const step = steps[event.key] ?? (event.key === "Home" ? [0, 0] : null);
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === "Home") shiftTo(0, 0);
      else shiftTo(model.get("shift_rows") + step[0], model.get("shift_columns") + step[1]);
    }, true);

    // --- Showing it all
    function draw() {
      const s = state();
      const key = JSON.stringify(s);
      if (key !== known) {
        now = solve(s);
        known = key;
      }
      layout(s);
      paint(s);
    }

    function layout(s) {
      const menu = inputs.element.querySelector("select");
      const names = ["sign", "digit", "random", ...(s.input_values.length ? ["custom"] : [])];
      if (menu.length !== names.length) setChildren(menu, names.map((value) => h("option", { value }, say(`preset_${value}`))));
      for (const [control, name] of [[inputs, "input_preset"], [kernels, "kernel_preset"], [modes, "padding_mode"], [wrap, "wrap"]]) control.set(s[name]);
      large.set(model.get("large"));
      line.set(convCode(s));
      fitCells(s);
    }

    function fitCells(s = state()) {
      if (!(em > 0) || sized !== model.get("large")) em = parseFloat(getComputedStyle(el).fontSize);
      sized = model.get("large");
      const [columns, outputs] = [now.padded[0].length, now.ofShifted[0].length];
      const gaps = 5 * em;
      const [four, two] = [(width - gaps) / (columns + 3 * outputs), (width - 3 * em) / (columns + outputs)];
      const alone = (width - em) / Math.max(columns, outputs);
      const least = em * 1.6;
      const cell = Math.min(em * 2.5, four >= least ? four : two >= least ? two : alone);
      // On a narrow page, where each plane stands alone, the smaller ones need not shrink with the input.
      const beside = four >= least || two >= least;
      const cells = [[moved, cell], [kernelGrid, beside ? cell : Math.min(em * 2, (width - em) / s.kernel_size)]];
      for (const grid of [first, second, apart]) cells.push([grid, beside ? cell : Math.min(em * 2.5, (width - em) / outputs)]);
      for (const [{ element }, size] of cells) {
        const value = `${Math.floor(size * 2) / 2}px`;
        if (element.style.getPropertyValue("--cell") !== value) element.style.setProperty("--cell", value);
      }
    }
    const resized = new ResizeObserver(([{ contentRect }]) => {
      width = contentRect.width;
      if (now) fitCells();
    });
    resized.observe(el);
    signal?.addEventListener("abort", () => resized.disconnect());

    function paint(s) {
      const [rows, columns] = [now.ofShifted.length, now.ofShifted[0].length];
      if (pointed && (pointed.r >= rows || pointed.c >= columns)) pointed = null;
      const at = (r, c) => pointed && pointed.r === r && pointed.c === c;
      const empty = now.ofShifted.map((row) => row.map(() => null));
      const isPad = (r, c) => r < s.padding || c < s.padding || r >= s.padding + s.input_h || c >= s.padding + s.input_w;
      for (const [grid, key] of [[moved, "shifted_input"], [first, "output_of_shifted"], [second, "shifted_output"], [apart, "difference"], [kernelGrid, "kernel"]]) setText(grid.caption, say(key));
      moved.show(now.padded, say("shifted_input_label"), (r, c) => (isPad(r, c) ? "cl-pad" : ""));
      moved.frame(pointed && { top: pointed.r * s.stride, left: pointed.c * s.stride, height: s.kernel_size, width: s.kernel_size });
      const differs = (r, c) => now.shifted && now.difference[r][c] !== 0;
      const mark = (r, c) => (at(r, c) ? "cl-now" : "");
      first.show(now.ofShifted, say("output_of_shifted"), mark);
      second.show(now.shifted ?? empty, say("shifted_output"), (r, c) => (now.shifted ? mark(r, c) : "cl-empty"));
      apart.show(now.shifted ? now.difference.map((row) => row.map(signed)) : empty, say("difference"),
        (r, c) => (!now.shifted ? "cl-empty" : `${differs(r, c) ? "cl-differs" : "cl-calm"}${at(r, c) ? " cl-lit" : ""}`),
        (r, c, value) => (now.shifted ? say(differs(r, c) ? "cell_differs" : "cell_equal", { row: r, column: c, value }) : null));
      kernelGrid.show(now.weight, say("kernel"));
      const [by_rows, by_columns] = now.by.map(format);
      setText(byLine, say("moves", { rows: format(s.shift_rows), columns: format(s.shift_columns), stride: s.stride, by_rows, by_columns }));
      const text = sentence(s, rows * columns);
      setText(verdict, text);
      const parts = Boolean(!now.shifted || now.count);
      verdict.classList.toggle("cl-parts", parts);
      if (pointed && now.shifted) {
        const { r: row, c: column } = pointed;
        const values = { row, column, first: format(now.ofShifted[row][column]), second: format(now.shifted[row][column]), value: format(now.difference[row][column]) };
        setText(live, say("spoken_cell", values));
      } else setText(live, say("spoken", { rows: format(s.shift_rows), columns: format(s.shift_columns), text }));
      remember(s);
    }

    function sentence(s, cells) {
      const shift = `(${format(s.shift_rows)}, ${format(s.shift_columns)})`;
      if (!now.shifted) {
        const { move, count, largest } = now.nearest;
        const values = { rows: format(move[0]), columns: format(move[1]), cells, count, largest: format(largest) };
        return `${say("between_cells", { shift, stride: s.stride })} ${say(count ? "nearest" : "nearest_equal", values)}`;
      }
      if (!s.shift_rows && !s.shift_columns) return say("still");
      if (!now.count) return say("equal", { cells });
      return `${say("differs", { cells, count: now.count, largest: format(now.largest) })} ${say(s.wrap ? "why_circular" : "why_zeros")}`;
    }

    /** The last few settings stay, to be compared. */
    function remember(s) {
      if (!s.shift_rows && !s.shift_columns) return;
      const shift = `(${format(s.shift_rows)}, ${format(s.shift_columns)})`;
      const setting = `K=${s.kernel_size}, S=${s.stride}, P=${s.padding} ${s.padding_mode}, ${say(s.wrap ? "trace_wrap" : "trace_zeros")}`;
      const cells = now.ofShifted.length * now.ofShifted[0].length;
      const row = [shift, setting, now.shifted ? `${now.count} / ${cells}` : "–", now.shifted ? format(now.largest) : "–"];
      if (String(trace[0]) === String(row)) return;
      const old = trace.findIndex((one) => one[0] === row[0] && one[1] === row[1]);
      if (old >= 0) trace.splice(old, 1);
      trace.unshift(row);
      trace.splice(KEPT);
      const heads = ["trace_shift", "trace_rest", "trace_count", "trace_largest"].map((name) => h("th", { scope: "col" }, say(name)));
      table.replaceChildren(h("caption", {}, say("trace")), h("thead", {}, h("tr", {}, ...heads)),
        h("tbody", {}, ...trace.map((one) => h("tr", {}, ...one.map((text) => h("td", {}, text))))));
    }

    mount({ model, el, signal }, draw);
  },
};
