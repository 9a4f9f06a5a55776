// The convolution as a product of matrices. Rows are output cells; a "tap" is the number of a kernel cell. base.js stands in front.

const INPUT_NAMES = ["counting", "digit", "random"];

function fit(stored, rows, columns) {
  return plane(rows, columns, (r, c) => stored[r]?.[c] ?? 0);
}

export function inputOf(s) {
  return s.input_preset === "custom" ? fit(s.input_values, s.input_h, s.input_w) : picture(s.input_preset, [s.input_h, s.input_w]);
}

export function weightOf(s) {
  const size = s.kernel_size;
  if (s.kernel_preset === "custom") return fit(s.weight_values, size, size);
  return s.kernel_preset === "counting" ? plane(size, size, (r, c) => r * size + c + 1) : kernel(s.kernel_preset, [size, size]);
}

/** Everything on screen. `sources[row][tap]`: the input cell that a window's tap reads, -1 in the padding. */
export function solve(s) {
  const [input, weight] = [inputOf(s), weightOf(s)];
  const axes = [s.input_h, s.input_w].map((size) => axis(size, s.kernel_size, s.stride, s.padding));
  const [height, width] = axes.map((a) => a.output);
  const [x, w] = [input.flat(), weight.flat()];
  const found = { input, weight, x, w, axes, size: [height, width], padded: pad(input, [s.padding, s.padding]) };
  if (height * width === 0) return { ...found, wrong: true, sources: [], taps: [], matrix: [], windows: [], output: [] };
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
    weights: w.length, parameters: w.length + 1, rows, columns: x.length, entries: rows * x.length, connections: sum(perTap),
    fewest: Math.min(...perTap), most: Math.max(...perTap), linear: (x.length + 1) * rows, copies: rows * w.length,
  };
}

/** PyTorch for this state: of the input (1, 1, H, W) and the weight (1, 1, K, K) the same flattened output. */
export function matrixCode(s) {
  const parts = [];
  if (s.stride !== 1) parts.push(`stride=${s.stride}`);
  if (s.padding !== 0) parts.push(`padding=${s.padding}`);
  const rest = parts.length ? `, ${parts.join(", ")}` : "";
  if (s.form === "im2col") return `F.unfold(input, ${s.kernel_size}${rest}).mT @ weight.view(-1, 1)`;
  return `F.conv2d(input, weight${rest}).view(-1, 1)`;
}

/** A factor as it stands in a product: negative ones in brackets. */
export function factor(value) {
  const text = format(value);
  return text.startsWith("−") ? `(${text})` : text;
}

const STATE = ["form", "input_preset", "input_values", "input_h", "input_w", "kernel_preset", "weight_values", "kernel_size", "stride", "padding"];
const KEPT = 4; // settings in the trace

/**
 * The matrix: an element for every row and for every entry in it that is shown; the zeros are the paper it stands on. One Tab stop:
 * up and down walk the rows, left and right the entries of a row.
 */
class Band {
  constructor(on) {
    Object.assign(this, { on, rows: [], count: 0, at: { r: 0, k: -1 }, hovered: "" });
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

  place({ clientX, clientY }) {
    const box = this.grid.getBoundingClientRect();
    const along = (at, length, count) => Math.min(Math.max(Math.floor((at / length) * count), 0), count - 1);
    return { r: along(clientY - box.top, box.height, this.count), c: along(clientX - box.left, box.width, this.columns) };
  }

  hover(event) {
    const { r, c } = this.place(event);
    if (this.hovered === `${r},${c}`) return;
    this.hovered = `${r},${c}`;
    this.on.point({ r, c });
  }

  key(event) {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [-this.count, 0], End: [this.count, 0] };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const r = Math.min(Math.max(this.at.r + step[0], 0), this.count - 1);
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

  /** Show entries[r] = [{ column, text }, …] on rows of so many columns; `mark(r, i)` gives an entry's classes, `read(r)` a row's name. */
  show(entries, columns, label, mark, read) {
    if (this.columns !== columns) this.grid.style.setProperty("--columns", (this.columns = columns));
    if (this.label !== label) this.grid.setAttribute("aria-label", (this.label = label));
    while (this.rows.length < entries.length) this.rows.push({ element: h("div", { class: "cl-mv-row", role: "row", tabindex: -1 }), cells: [], used: 0 });
    if (this.count !== entries.length) {
      while (this.count > entries.length) this.rows[--this.count].element.remove();
      this.body.append(...this.rows.slice(this.count, entries.length).map(({ element }) => element));
      this.count = entries.length;
      this.grid.style.setProperty("--rows", this.count);
      this.rove(this.at.r);
    }
    let longest = 1;
    for (let r = 0; r < entries.length; r++) {
      const row = this.rows[r];
      const shown = Math.max(1, entries[r].length); // a row without entries keeps one cell, for those who listen
      while (row.used > shown) row.cells[--row.used].element.remove();
      while (row.cells.length < shown) row.cells.push({ element: h("div", { class: "cl-cell", role: "gridcell" }) });
      while (row.used < shown) row.element.append(row.cells[row.used++].element);
      for (let i = 0; i < shown; i++) {
        const cell = row.cells[i];
        const { column, text } = entries[r][i] ?? { column: 0, text: "" };
        const marks = entries[r][i] ? mark(r, i) : "cl-empty";
        if (cell.column !== column) cell.element.style.setProperty("--c", (cell.column = column));
        if (cell.text !== text) cell.element.textContent = cell.text = text;
        if (cell.marks !== marks) cell.element.className = `cl-cell ${(cell.marks = marks)}`;
        longest = Math.max(longest, text.length);
      }
      const name = read(r);
      if (row.name !== name) row.element.setAttribute("aria-label", (row.name = name));
    }
    const fit = Math.min(0.44, 1.4 / longest).toFixed(3);
    if (this.fit !== fit) this.grid.style.setProperty("--fit", (this.fit = fit));
  }

  /** Frame one row, and one column if there is one. */
  frame(row, column) {
    this.outline.style.transform = `translate(0, calc(${row} * var(--cell)))`;
    this.stripe.hidden = column === null;
    if (column !== null) this.stripe.style.transform = `translate(calc(${column} * var(--cell)), 0)`;
  }
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const set = (changes) => choose(model, changes);
    let s = null;
    let now = null; // what is on screen
    let known = ""; // the state it was worked out from
    let entries = []; // what the matrix shows: for each row, { column, text, tap }
    let names = []; // of its rows, for those who listen
    let pointed = {}; // what the pointer or the focus is on: { row, cell, tap }, each or none
    let width = 900;
    const trace = [];

    // --- Choices
    const forms = select(say("form"), ["sparse", "im2col"].map((name) => [name, say(`form_${name}`)]), (form) => set({ form }));
    const inputs = select(say("input"), [...INPUT_NAMES, "custom"].map((name) => [name, say(`preset_${name}`)]), (name) =>
      set(name === "custom" ? { input_preset: name, input_values: now.input } : { input_preset: name }));
    const kernels = select(say("kernel"), ["counting", ...Object.keys(KERNELS), "custom"].map((name) => [name, say(`preset_${name}`)]), (name) =>
      set(name === "custom" ? { kernel_preset: name, weight_values: now.weight } : { kernel_preset: name }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") },
      forms.element, inputs.element, kernels.element, large.element, reset);
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });

    // --- Planes: what stands above is the picture, what stands below the product
    const point = (what) => {
      const { row = null, cell = null, tap = null } = what ?? {};
      if (row === pointed.row && cell === pointed.cell && tap === pointed.tap) return;
      pointed = { row, cell, tap };
      if (!now.wrong) paint();
    };
    const changed = (values, r, c, value) => values.map((row, i) => row.map((old, j) => (i === r && j === c ? value : old)));
    const inside = ({ r, c }) => {
      const [y, x] = [r - s.padding, c - s.padding];
      return y >= 0 && x >= 0 && y < s.input_h && x < s.input_w ? y * s.input_w + x : null;
    };
    const sparse = () => s.form === "sparse";
    const inputGrid = new Grid(words, "input", {
      point: (at) => point(at && { cell: inside(at) }),
      press: (at) => inside(at) !== null,
      edit: (r, c, value) => set({ input_preset: "custom", input_values: changed(now.input, r - s.padding, c - s.padding, value) }),
    });
    const kernelGrid = new Grid(words, "kernel", {
      point: (at) => point(at && { tap: at.r * s.kernel_size + at.c }),
      edit: (r, c, value) => set({ kernel_preset: "custom", weight_values: changed(now.weight, r, c, value) }),
    });
    const toRow = (row) => set({ row });
    let small = 0; // the side of a cell of the matrix, in pixels
    /** Scroll a large matrix so that a row can be seen. */
    const reveal = (row) => {
      if (product.scrollHeight <= product.clientHeight) return;
      const [from, to] = [row * small, (row + 2.5) * small - product.clientHeight]; // the flattened input stands above
      if (product.scrollTop > from) product.scrollTop = from;
      else if (product.scrollTop < to) product.scrollTop = to + small;
    };
    const outputGrid = new Grid(words, "output", {
      point: (at) => (at && reveal(at.r * now.size[1] + at.c), point(at && { row: at.r * now.size[1] + at.c })),
      press: (at) => (toRow(at.r * now.size[1] + at.c), false),
      move: (r, c) => toRow(r * now.size[1] + c),
    });
    const vector = new Grid(words, "input", { point: (at) => point(at && (sparse() ? { cell: at.c } : { tap: at.c })) });
    const matrix = new Band({ point: (at) => point(at && meaning(at)), press: (r) => (toRow(r), reveal(r)) });
    const result = new Grid(words, "output", {
      point: (at) => point(at && { row: at.r }),
      press: (at) => (toRow(at.r), false),
      move: (r) => toRow(r),
    });
    /** What an entry of the matrix stands for: the input cell and the kernel cell that meet there, if they do. */
    const meaning = ({ r, c = -1 }) => {
      if (c < 0) return { row: r };
      const [cell, tap] = sparse() ? [c, now.taps[r][c]] : [now.sources[r][c], c];
      return { row: r, cell: cell < 0 ? null : cell, tap: tap < 0 ? null : tap };
    };
    const stage = h("div", { class: "cl-mv-picture" }, inputGrid.element, h("span", { class: "cl-mv-sign", "aria-hidden": "true" }, "⊛"), kernelGrid.element,
      h("span", { class: "cl-mv-sign", "aria-hidden": "true" }, "="), outputGrid.element);
    const caption = h("div", { class: "cl-caption" });
    const product = h("div", { class: "cl-mv-product" },
      h("div", { class: "cl-mv-vector" }, vector.grid), h("div", { class: "cl-mv-matrix" }, matrix.grid),
      h("div", { class: "cl-mv-result" }, h("span", { "aria-hidden": "true" }, "="), result.grid));
    const below = h("div", { class: "cl-mv-below" }, caption, product);
    const arithmetic = h("div", { class: "cl-mv-sum", role: "group", "aria-label": say("arithmetic") });
    const hint = h("div", { class: "cl-hint" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const kinds = ["parameters", "connections", "shared"];
    const counted = kinds.map(() => [h("td"), h("td")]);
    const table = h("table", { class: "cl-mv-table cl-mv-counts" }, h("caption", {}, say("counts")),
      h("thead", {}, h("tr", {}, h("td"), ...["convolution", "fully_connected"].map((name) => h("th", { scope: "col" }, say(name))))),
      h("tbody", {}, ...kinds.map((name, i) => h("tr", {}, h("th", { scope: "row" }, say(`count_${name}`)), ...counted[i]))));
    const sharing = h("div", { class: "cl-mv-sharing" });
    const past = h("table", { class: "cl-mv-table cl-mv-past" });
    const line = codeLine(words, say("code"));
    const lower = h("div", { class: "cl-mv-lower" }, below, arithmetic, hint, table, sharing, line.element, past);
    el.replaceChildren(bar, message, stage, lower, live);

    // --- Showing it all
    function draw() {
      const state = Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
      const key = JSON.stringify(state) + model.get("large");
      if (key !== known) {
        [s, now, known, pointed] = [state, solve(state), key, {}];
        layout();
      }
      if (now.wrong) paintInput(null, null);
      else paint();
    }

    /** What follows from sizes and choices, not from where the pointer is. */
    function layout() {
      for (const [control, name] of [[forms, "form"], [inputs, "input_preset"], [kernels, "kernel_preset"]]) control.set(s[name]);
      large.set(model.get("large"));
      message.hidden = !now.wrong;
      lower.hidden = now.wrong;
      outputGrid.element.hidden = now.wrong;
      for (const [grid, name] of [[inputGrid, "input"], [kernelGrid, "kernel"], [outputGrid, "output"]]) setText(grid.caption, say(name));
      fitCells();
      if (now.wrong) {
        const [side, a] = now.axes[0].output === 0 ? ["side_h", now.axes[0]] : ["side_w", now.axes[1]];
        const values = { side: say(side), kernel: a.kernel, padded: a.padded, padding: a.padding + Math.ceil((a.kernel - a.padded) / 2) };
        kernelGrid.show(now.weight, say("kernel"));
        return setText(message, say("problem", values));
      }
      const n = counts(now);
      vector.grid.classList.toggle("cl-kernel", !sparse());
      vector.grid.classList.toggle("cl-input", sparse());
      matrix.grid.classList.toggle("cl-kernel", sparse());
      matrix.grid.classList.toggle("cl-mv-im2col", !sparse());
      setText(caption, say(`caption_${s.form}`, { rows: n.rows, columns: sparse() ? n.columns : n.weights }));
      const texts = { w: now.w.map(format), x: now.x.map(format) };
      entries = now.sources.map((cells) => cells.map((cell, tap) =>
        sparse() ? { column: cell, text: texts.w[tap], tap } : { column: tap, text: cell < 0 ? "0" : texts.x[cell], tap }).filter(({ column }) => column >= 0));
      names = now.output.map((value, r) => say("spoken", { number: r, row: Math.floor(r / now.size[1]), column: r % now.size[1], value: format(value) }));
      count(n);
      line.set(matrixCode(s));
      remember(n);
    }

    function count(n) {
      const rows = [
        [`K·K + 1 = ${n.weights} + 1 = ${n.parameters}`, `(H·W + 1)·OH·OW = (${n.columns} + 1)·${n.rows} = ${n.linear}`],
        [say("of_all", { some: n.connections, all: n.entries }), say("of_all", { some: n.entries, all: n.entries })],
        [n.fewest === n.most ? say("times", { times: n.most }) : say("times_range", { fewest: n.fewest, most: n.most }), say("times", { times: 1 })],
      ];
      rows.forEach((texts, i) => texts.forEach((text, k) => setText(counted[i][k], text)));
      setText(sharing, sparse() ? say("zeros", { zeros: n.entries - n.connections, all: n.entries }) : say("copies", { copies: n.copies, cells: n.columns }));
    }

    /** The last few settings stay, to be compared. */
    function remember(n) {
      const setting = `H×W=${s.input_h}×${s.input_w}, K=${s.kernel_size}, S=${s.stride}, P=${s.padding}`;
      if (trace[0]?.[0] === setting) return;
      const old = trace.findIndex((one) => one[0] === setting);
      if (old >= 0) trace.splice(old, 1);
      trace.unshift([setting, `${n.rows} × ${n.columns}`, n.connections, n.parameters, n.linear].map(String));
      trace.splice(KEPT);
      const heads = ["trace_setting", "trace_matrix", "trace_connections", "convolution", "fully_connected"];
      past.replaceChildren(h("caption", {}, say("trace")), h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, say(name))))),
        h("tbody", {}, ...trace.map((one) => h("tr", {}, ...one.map((text) => h("td", {}, text))))));
    }

    function fitCells() {
      const em = model.get("large") ? 24 : 16; // --cl-size of base.css
      const above = now.padded[0].length + s.kernel_size + (now.wrong ? 0 : now.size[1]);
      const longest = Math.max(now.padded[0].length, s.kernel_size, now.size[1]);
      const beside = Math.min(em * 2.4, (width - em * 7) / above);
      const cell = beside >= em * 1.5 ? beside : Math.min(em * 2.4, (width - em) / longest);
      const columns = (sparse() ? now.x.length : now.w.length) + 1;
      small = Math.max(em * 1.35, Math.min(em * 2.4, (width - em * 3) / columns));
      for (const [element, size] of [[stage, cell], [product, small]]) {
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

    function paintInput(row, cell) {
      const own = row === null ? null : [Math.floor(row / now.size[1]) * s.stride, (row % now.size[1]) * s.stride];
      const K = s.kernel_size;
      inputGrid.show(now.padded, say("input"), (r, c) => {
        const at = inside({ r, c });
        const read = own && r >= own[0] && c >= own[1] && r < own[0] + K && c < own[1] + K;
        return [at === null ? "cl-pad" : "", read ? "cl-tap" : "", at !== null && at === cell ? "cl-lit" : ""].filter(Boolean).join(" ");
      });
      inputGrid.frame(own && { top: own[0], left: own[1], height: K, width: K });
    }

    /** Light up the row and whatever else the pointer is on. */
    function paint() {
      const row = pointed.row ?? Math.min(Math.max(model.get("row"), 0), now.sources.length - 1);
      const { cell = null, tap = null } = pointed;
      const [K, columns] = [s.kernel_size, now.size[1]];
      const only = pointed.row === null; // a column or a weight alone: everything it reaches
      const fed = now.taps.map((taps) => only && cell !== null && taps[cell] >= 0);
      const shade = (index) => `cl-w${Math.round((5 * index) / Math.max(1, now.w.length - 1))}`;
      paintInput(row, cell);
      kernelGrid.show(now.weight, say("kernel"), (r, c) => `${shade(r * K + c)}${r * K + c === tap ? " cl-lit" : ""}`);
      const output = now.axes[0].starts.map((_, r) => now.output.slice(r * columns, (r + 1) * columns));
      const marked = (index) => [index === row ? "cl-now" : "", fed[index] ? "cl-lit" : ""].filter(Boolean).join(" ");
      outputGrid.show(output, say("output"), (r, c) => marked(r * columns + c));
      result.show(now.output.map((value) => [value]), say("output_flat"), (r) => marked(r));
      const numbered = (r) => names[r];
      if (sparse()) {
        const reads = new Set(now.sources[row]);
        vector.show([now.x], say("input_flat"), (_, c) => [reads.has(c) ? "cl-tap" : "", c === cell ? "cl-lit" : ""].filter(Boolean).join(" "));
        matrix.show(entries, now.x.length, say("matrix_sparse"), (r, i) => {
          const { tap: own, column } = entries[r][i];
          if (r === row) return `cl-tap${column === cell ? " cl-lit" : ""}`;
          return only && (column === cell || own === tap) ? `${shade(own)} cl-lit` : shade(own);
        }, numbered);
        matrix.frame(row, cell);
      } else {
        vector.show([now.w], say("kernel_flat"), (_, c) => `${shade(c)}${c === tap ? " cl-lit" : ""}`);
        matrix.show(entries, K * K, say("matrix_im2col"), (r, i) => {
          const source = now.sources[r][i];
          const marks = source < 0 ? "cl-pad " : "";
          if (r === row) return `${marks}cl-tap${i === tap && !only ? " cl-lit" : ""}`;
          return only && cell !== null && source === cell ? `${marks}cl-lit` : marks;
        }, numbered);
        matrix.frame(row, tap);
      }
      write(row, cell, tap, only);
    }

    /** The row's arithmetic, term by term, and a sentence about what is pointed at. */
    function write(row, cell, tap, only) {
      const at = { row: Math.floor(row / now.size[1]), column: row % now.size[1] };
      const terms = now.sources[row].map((source, k) => ({ source, k, w: now.w[k], x: source < 0 ? 0 : now.x[source] })).filter(({ source }) => !sparse() || source >= 0);
      const parts = terms.flatMap(({ source, k, w, x }, i) => {
        const pair = [h("span", { class: "cl-mv-w" }, factor(w)), "·", h("span", { class: source < 0 ? "cl-mv-pad" : "cl-mv-x" }, factor(x))];
        const lit = !only && k === tap;
        return [...(i ? [" + "] : []), h("span", { class: lit ? "cl-mv-term cl-mv-lit" : "cl-mv-term" }, ...(sparse() ? pair : pair.reverse()))];
      });
      const value = now.output[row];
      const sign = equals(value, ...terms.flatMap(({ w, x }) => [w, x]));
      const open = h("b", {}, `${say("output_at", at)} = `);
      arithmetic.replaceChildren(open, ...(parts.length ? parts : ["0"]), ` ${sign} `, h("b", { class: "cl-value" }, format(value)));
      setText(hint, remark(row, cell, tap, only, terms.length));
      const factors = !only && tap !== null ? say("spoken_entry", { weight: format(now.w[tap]), input: format(cell === null ? 0 : now.x[cell]) }) : "";
      setText(live, `${names[row]} ${factors}`);
    }

    function remark(row, cell, tap, only, used) {
      if (only && cell !== null) {
        const outputs = now.taps.filter((taps) => taps[cell] >= 0).length;
        return say("about_cell", { row: Math.floor(cell / s.input_w), column: cell % s.input_w, number: cell, outputs });
      }
      if (only && tap !== null) return say("about_tap", { value: format(now.w[tap]), times: now.sources.filter((cells) => cells[tap] >= 0).length });
      return say(`about_row_${s.form}`, { number: row, used, all: sparse() ? now.x.length : now.w.length });
    }

    mount({ model, el, signal }, draw);
  },
};
