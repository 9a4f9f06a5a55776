// A stack of layers from the side: point at a unit and see what reaches it.

import { clamp, effectiveKernel, outputSize } from "../../kit/geometry.js";
import { ENDS, button, codeLine, h, setAttribute, setChildren, setStyle, setText, spoken, stepOf, svg,
  wholeField } from "../../kit/page.js";
import { View } from "../../kit/view.js";
import { callCode, format } from "../../kit/words.js";

const NEW = { conv: ["conv", 3, 1, 1, 1], pool: ["pool", 2, 2, 0, 1] }; // kind, kernel, stride, padding, dilation

/**
 * The recurrence: for the input and every layer { size, jump, start } of its units' fields, and how many units there
 * are (0: none fits).
 */
export function recurrence(layers, input) {
  const rows = [{ size: 1, jump: 1, start: 0, units: input, span: 1 }];
  for (const [, K, S, P, D] of layers) {
    const { size, jump, start, units } = rows.at(-1);
    const span = effectiveKernel(K, D);
    const output = units > 0 ? outputSize(units, K, S, P, D) : 0;
    rows.push({ size: size + (span - 1) * jump, jump: jump * S, start: start - P * jump, units: output, span });
  }
  return rows;
}

/**
 * For the input and every layer up to the unit's own: Map of index → number of paths to the unit; padding ends a path.
 */
export function seenBy(layers, rows, layer, unit) {
  const seen = Array.from({ length: layer + 1 }, () => new Map());
  const padding = Array.from({ length: layer + 1 }, () => new Set());
  seen[layer].set(unit, 1);
  for (let row = layer; row > 0; row--) {
    const [, K, S, P, D] = layers[row - 1];
    for (const [at, paths] of seen[row]) {
      for (let k = 0; k < K; k++) {
        const cell = at * S - P + k * D;
        if (cell < 0 || cell >= rows[row - 1].units) padding[row - 1].add(cell);
        else seen[row - 1].set(cell, (seen[row - 1].get(cell) ?? 0) + paths);
      }
    }
  }
  return { seen, padding };
}

/**
 * Everything on screen. `broken` is the first layer into which no window fits, or 0; rows from there on have no units.
 */
export function solve(s) {
  const rows = recurrence(s.layers, s.input_size);
  const broken = Math.max(rows.findIndex(({ units }) => units < 1), 0);
  const highest = broken ? broken - 1 : s.layers.length;
  const layer = clamp(s.layer, 0, highest);
  const unit = clamp(s.unit, 0, rows[layer].units - 1);
  const { size, jump, start } = rows[layer];
  const first = start + unit * jump;
  return { rows, broken, highest, layer, unit, size, first, last: first + size - 1,
    ...seenBy(s.layers, rows, layer, unit) };
}

/** PyTorch's code for these layers. */
export function stackCode(layers) {
  const parts = layers.map(([kind, K, stride, padding, dilation]) => {
    const named = { stride, padding, dilation };
    if (kind === "pool") return callCode("nn.MaxPool2d", [K], named, { stride: K, padding: 0, dilation: 1 });
    return callCode("nn.Conv2d", [1, 1, K], named);
  });
  return `nn.Sequential(${parts.join(", ")})`;
}

/**
 * Where a unit is drawn, in pixels of the input: [left, right].
 * @returns {any}
 */
export function place({ size, jump, start }, unit) {
  const left = start + unit * jump + (size - jump) / 2;
  return [left, left + jump];
}

/** The unit of another layer that stands nearest to one. */
function beside(from, unit, { start, size, jump, units }) {
  const [left, right] = place(from, unit);
  return clamp(Math.round(((left + right) / 2 - start - size / 2) / jump), 0, units - 1);
}

class ReceptiveField extends View {
  static traits = ["layers", "input_size", "layer", "unit"];

  build() {
    this.cells = []; // [row][unit]
    this.pads = []; // [row] Map of index → element
    this.extent = [0, 1];
    this.complaint = "";
    this.presets = this.menu("layers", "preset", [...Object.keys(this.tables.presets), "own"], "preset", (name) =>
      name === "own" ? this.showPreset(this.s) : this.stack(this.tables.presets[name]));
    this.add = Object.entries(NEW).map(([kind, layer]) => {
      const label = this.say(`add_${kind}`);
      return button(label, label, () => this.stack([...this.get("layers"), layer]));
    });
    const choices = this.choices(this.presets, ...this.add);
    this.layerBox = h("div", { class: "cl-layers", role: "group", "aria-label": this.say("layers") });
    this.message = this.alert();
    this.lines = Array.from({ length: this.tables.most }, (_, index) => this.layerLine(index));
    this.side = h("div", { class: "cl-side", role: "grid", "aria-label": this.say("stack") });
    this.listen();
    this.sentence = h("div", { class: "cl-sentence" });
    this.live = spoken();
    this.line = codeLine(this.words, this.say("code"));
    this.onWidth(this.side, () => this.fitText());
    const stack = h("div", { class: "cl-stack" }, this.side, this.planeBox());
    const legend = h("div", { class: "cl-note cl-small" }, this.say("paths"));
    return [choices, this.layerBox, this.message, stack, this.sentence, legend, this.live, this.line.element];
  }

  stack(layers) {
    const { units } = recurrence(layers, this.get("input_size")).at(-1);
    this.set({ layers, layer: layers.length, unit: Math.max(0, (units - 1) >> 1) });
  }

  // --- The layers, with their recurrence

  layerLine(index) {
    const layer = index + 1;
    const kind = h("select",
      { "aria-label": this.say("kind", { layer }), onchange: () => this.change(index, 0, kind.value) },
      ...Object.keys(NEW).map((value) => h("option", { value }, this.say(value))));
    const fields = this.tables.fields.map((limits, k) => this.field(index, k + 1, limits));
    const label = this.say("remove", { layer });
    const remove = button(label, "✕", () => this.stack(this.get("layers").filter((_, i) => i !== index)));
    const sums = ["size", "start", "jump"].map((name) => {
      const value = h("span", { class: "cl-working" });
      return { value, element: h("span", { class: "cl-sum-of" }, h("b", {}, this.say(name)), " ", value) };
    });
    const lettered = fields.map((field, k) =>
      h("span", { class: "cl-numbered" }, h("i", { "aria-hidden": "true" }, "KSPD"[k]), field));
    const name = h("b", { class: "cl-layer-name" }, String(layer));
    const element = h("div", { class: "cl-layer-line", role: "group", "aria-label": this.say("layer", { layer }) },
      h("span", { class: "cl-layer-choices" }, name, kind, ...lettered, remove), ...sums.map((one) => one.element));
    return { element, kind, fields, remove, sums: sums.map((one) => one.value) };
  }

  field(index, k, [lowest, highest]) {
    const name = this.say(`field_${k}`, { layer: index + 1 });
    return wholeField(name, [lowest, highest], (value) => this.change(index, k, value), (field) => {
      field.value = this.get("layers")[index][k];
      this.complaint = this.say("not_in_range", { name, lowest, highest });
      this.redraw();
    });
  }

  change(index, position, value) {
    this.complaint = "";
    const layers = this.get("layers").map((layer, i) =>
      i === index ? layer.map((old, k) => (k === position ? value : old)) : layer);
    const { units } = recurrence(layers, this.get("input_size"))[Math.min(this.get("layer"), layers.length)];
    this.set({ layers, unit: Math.min(this.get("unit"), Math.max(units - 1, 0)) });
  }

  showPreset({ layers, tables }) {
    const same = (name) => JSON.stringify(tables.presets[name]) === JSON.stringify(layers);
    this.presets.set(Object.keys(tables.presets).find(same) ?? "own");
  }

  showLayers(s) {
    this.showPreset(s);
    setChildren(this.layerBox, this.lines.slice(0, s.layers.length).map((one) => one.element));
    s.layers.forEach(([kind, K, S, P, D], index) => {
      const { kind: menu, fields, remove, sums } = this.lines[index];
      menu.value = kind;
      [K, S, P, D].forEach((value, k) => (fields[k].value = value));
      remove.disabled = s.layers.length === 1;
      const [before, after] = [this.now.rows[index], this.now.rows[index + 1]];
      const reach = D === 1 ? `(${K} − 1)` : `${D}·(${K} − 1)`;
      setText(sums[0], `${before.size} + ${reach}·${before.jump} = ${after.size}`);
      setText(sums[1], `${format(before.start)} − ${P}·${before.jump} = ${format(after.start)}`);
      setText(sums[2], `${before.jump}·${S} = ${after.jump}`);
    });
    for (const one of this.add) one.disabled = s.layers.length >= s.tables.most;
    this.line.set(stackCode(s.layers));
  }

  // --- The stack from the side

  listen() {
    const { side } = this;
    const cellOf = (event) => {
      const cell = event.target.closest?.("[data-unit]");
      return cell && side.contains(cell) ? { layer: Number(cell.dataset.layer), unit: Number(cell.dataset.unit) }
        : null;
    };
    side.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.look(cellOf(event)));
    side.addEventListener("pointerleave", () => this.look(null));
    side.addEventListener("click", (event) => {
      const cell = cellOf(event);
      if (!cell) return;
      this.set(cell);
      this.cells[cell.layer]?.[cell.unit]?.focus({ preventScroll: true });
    });
    side.addEventListener("keydown", (event) => {
      const step = stepOf(event, ENDS);
      if (step) this.walk(-step[0], step[1]);
    });
  }

  walk(up, along) {
    this.hovered = null;
    const { rows, layer: from, unit: at, highest } = solve(this.state());
    const layer = clamp(from + up, 0, highest);
    const unit = layer === from ? clamp(at + along, 0, rows[layer].units - 1) : beside(rows[from], at, rows[layer]);
    this.set({ layer, unit });
    this.redraw();
    this.cells[layer][unit].focus({ preventScroll: true });
  }

  planeBox() {
    this.planeCaption = h("div", { class: "cl-caption" });
    this.paper = svg("rect", { class: "cl-paper" });
    this.lattice = svg("path", { class: "cl-lattice" });
    this.read = svg("path", { class: "cl-read" });
    this.frame = svg("rect", { class: "cl-field-frame" });
    this.plane = svg("svg", { role: "img", class: "cl-plane-picture" }, this.paper, this.lattice, this.read,
      this.frame);
    return h("div", { class: "cl-plane-box" }, this.planeCaption, this.plane);
  }

  draw(s) {
    const built = this.built?.layers === s.layers && this.built.input_size === s.input_size;
    if (!built) this.hovered = null;
    this.now = solve(this.hovered ? { ...s, ...this.hovered } : s);
    if (!built) {
      this.buildRows(s);
      this.showLayers(s);
      this.built = s;
    }
    if (!built || this.large !== s.large) this.fitText();
    this.large = s.large;
    this.paint(s);
  }

  rowName(row) {
    const size = this.now.rows[row].units;
    if (row === 0) return this.say("row_input", { size });
    return this.say("row", { layer: row, kind: this.say(this.s.layers[row - 1][0]), size });
  }

  shortName(row) {
    if (row === 0) return this.say("name_input");
    return this.say("name", { layer: row, kind: this.say(this.s.layers[row - 1][0]) });
  }

  /** Lay out the rows, the deepest on top. Everything is placed in percent, in pixels of the input. */
  buildRows(s) {
    const focused = this.side.contains(document.activeElement);
    const { rows, highest, layer, unit } = this.now;
    const shown = rows.slice(0, highest + 1);
    const marginOf = (r) => (s.layers[r] && r < highest ? s.layers[r][3] : 0);
    const ends = shown.flatMap((row, r) => {
      const margin = marginOf(r);
      return [place(row, -margin)[0], place(row, row.units - 1 + margin)[1]];
    });
    const input = s.input_size;
    this.extent = [Math.max(Math.min(...ends, 0), -input), Math.min(Math.max(...ends, input), 2 * input)];
    this.cells = shown.map((row, r) => Array.from({ length: row.units }, (_, i) => this.unit(r, i, place(row, i))));
    this.pads = shown.map((row, r) => this.padsOf(row, marginOf(r)));
    this.side.replaceChildren(...shown.map((_, r) => this.level(r)).reverse());
    setAttribute(this.lattice, "d",
      Array.from({ length: input + 1 }, (_, i) => `M${i} 0V${input}M0 ${i}H${input}`).join(""));
    for (const name of ["width", "height"]) setAttribute(this.paper, name, input);
    if (focused) this.cells[layer][unit].focus({ preventScroll: true });
  }

  percent(x) {
    return (100 * (x - this.extent[0])) / (this.extent[1] - this.extent[0]);
  }

  /** @type {(element: any, ends: any) => any} */
  put(element, [left, right]) {
    element.style.left = `${this.percent(left).toFixed(3)}%`;
    element.style.width = `${(this.percent(right) - this.percent(left)).toFixed(3)}%`;
    return element;
  }

  unit(row, unit, ends) {
    const attributes = { class: "cl-unit", role: "gridcell", tabindex: -1, "data-layer": row, "data-unit": unit };
    return this.put(h("div", attributes), ends);
  }

  padsOf(row, margin) {
    const units = Array.from({ length: margin }, (_, i) => [-i - 1, row.units + i]).flat();
    const near = (/** @type {any} */ [left, right]) => left >= this.extent[0] - 1e-9 && right <= this.extent[1] + 1e-9;
    /** @param {any} ends */
    const pad = (ends) => this.put(h("div", { class: "cl-unit cl-pad", "aria-hidden": "true" }), ends);
    return new Map(units.filter((unit) => near(place(row, unit))).map((unit) => [unit, pad(place(row, unit))]));
  }

  level(r) {
    const name = this.rowName(r);
    const units = h("div", { class: `cl-units${r ? "" : " cl-pixels"}`, role: "row", "aria-label": name },
      ...this.cells[r], ...this.pads[r].values());
    const label = h("div", { class: "cl-row-label", "aria-hidden": "true" }, name);
    const flat = { class: "cl-cone", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" };
    return h("div", { class: "cl-level", role: "presentation" }, label, units,
      r ? svg("svg", flat, svg("polygon")) : null);
  }

  /** Numbers only where they fit. */
  fitText() {
    const pixel = this.width / (this.extent[1] - this.extent[0]);
    setStyle(this.side, "--text", `${Math.min(pixel * 0.58, this.em * 1.05).toFixed(1)}px`);
    this.side.classList.toggle("cl-crowded", pixel < 13);
  }

  paint(s) {
    const chosen = solve(s);
    this.cells.forEach((row, r) => this.paintRow(row, r, chosen));
    this.paintCones();
    this.paintPlane(s);
    const text = this.describe(s);
    setText(this.sentence, text);
    if (!this.hovered) setText(this.live, text);
    const wrong = this.problem(s) || this.complaint;
    this.message.hidden = !wrong;
    setText(this.message, wrong);
  }

  paintRow(row, r, chosen) {
    const { seen, padding, layer, unit: at } = this.now;
    const name = this.shortName(r);
    for (const [unit, cell] of row.entries()) {
      const isNow = r === layer && unit === at;
      const paths = seen[r]?.get(unit) ?? 0;
      const key = isNow ? -1 : paths;
      if (cell.key !== key) {
        cell.key = key;
        cell.className = isNow ? "cl-unit cl-now" : paths ? "cl-unit cl-seen-unit" : "cl-unit";
        cell.textContent = isNow ? String(unit) : paths ? format(paths) : "";
        cell.setAttribute("aria-label", this.say(paths && !isNow ? "cell_seen" : "cell", { row: name, unit, paths }));
      }
      const stop = r === chosen.layer && unit === chosen.unit ? 0 : -1;
      if (cell.tabIndex !== stop) cell.tabIndex = stop;
    }
    for (const [unit, pad] of this.pads[r]) pad.classList.toggle("cl-read-pad", Boolean(padding[r]?.has(unit)));
  }

  paintCones() {
    const { rows, seen, padding, layer } = this.now;
    const ends = (r) => {
      const places = [...seen[r].keys(), ...padding[r]].flatMap((unit) => place(rows[r], unit));
      return [Math.min(...places), Math.max(...places)].map((x) => this.percent(x));
    };
    [...this.side.children].reverse().forEach((level, r) => {
      const cone = level.querySelector("polygon");
      if (!cone) return;
      if (r > layer) return cone.setAttribute("points", "");
      const [[a, b], [c, d]] = [ends(r), ends(r - 1)];
      cone.setAttribute("points", `${a},0 ${b},0 ${d},10 ${c},10`);
    });
  }

  paintPlane(s) {
    const { seen, first, last, size } = this.now;
    const n = s.input_size;
    const [low, high] = [Math.min(0, first), Math.max(n, last + 1)];
    const side = high - low + 0.6;
    this.plane.setAttribute("viewBox", `${low - 0.3} ${low - 0.3} ${side} ${side}`);
    const read = [...seen[0].keys()];
    this.read.setAttribute("d", read.flatMap((r) => read.map((c) => `M${c} ${r}h1v1h-1z`)).join(""));
    for (const [name, value] of Object.entries({ x: first, y: first, width: size,
      height: size })) this.frame.setAttribute(name, value);
    setText(this.planeCaption, this.say("plane", { size }));
    const values = { input: n, size, first: format(first), last: format(last) };
    this.plane.setAttribute("aria-label", this.say("plane_label", values));
  }

  describe(s) {
    const { layer, unit, first, last, size, seen } = this.now;
    const field = { first: format(first), last: format(last), size, area: size * size };
    const parts = [this.say("sees", { row: this.shortName(layer), unit, ...field })];
    const outside = Math.max(0, -first) + Math.max(0, last + 1 - s.input_size);
    if (outside) parts.push(this.say("sees_padding", { count: Math.min(outside, size), size }));
    const gaps = Math.min(last, s.input_size - 1) - Math.max(first, 0) + 1 - seen[0].size;
    if (gaps > 0) parts.push(this.say("sees_gaps", { count: gaps }));
    return parts.join(" ");
  }

  problem(s) {
    const { broken, rows } = this.now;
    if (broken) {
      const padded = rows[broken - 1].units + 2 * s.layers[broken - 1][3];
      return this.say("too_small", { layer: broken, span: rows[broken].span, padded });
    }
    const pool = s.layers.find(([kind, K, , P]) => kind === "pool" && P > K >> 1);
    return pool ? this.say("pool_padding", { kernel: pool[1], padding: pool[3] }) : "";
  }
}

export default ReceptiveField.open("receptive_field");
