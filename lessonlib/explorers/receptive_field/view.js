// A stack of layers from the side: point at a unit and see what reaches it. base.js stands in front of this file.

const MOST = 6; // layers
const FIELDS = [[1, 7], [1, 4], [0, 6], [1, 4]]; // kernel, stride, padding, dilation: lowest and highest
// explorers/receptive_field.py has the same.
export const PRESETS = {
  two_3: [["conv", 3, 1, 1, 1], ["conv", 3, 1, 1, 1]],
  one_5: [["conv", 5, 1, 2, 1]],
  three_3: [["conv", 3, 1, 1, 1], ["conv", 3, 1, 1, 1], ["conv", 3, 1, 1, 1]],
  stride: [["conv", 3, 2, 1, 1], ["conv", 3, 2, 1, 1], ["conv", 3, 2, 1, 1]],
  vgg: [["conv", 3, 1, 1, 1], ["conv", 3, 1, 1, 1], ["pool", 2, 2, 0, 1], ["conv", 3, 1, 1, 1], ["conv", 3, 1, 1, 1], ["pool", 2, 2, 0, 1]],
  dilated: [["conv", 3, 1, 1, 1], ["conv", 3, 1, 2, 2], ["conv", 3, 1, 4, 4]],
};

/** The recurrence: for the input and every layer { size, jump, start } of its units' fields, and how many units there are (0: none fits). */
export function recurrence(layers, input) {
  const rows = [{ size: 1, jump: 1, start: 0, units: input, span: 1 }];
  for (const [, K, S, P, D] of layers) {
    const { size, jump, start, units } = rows.at(-1);
    const span = effectiveKernel(K, D);
    const output = units > 0 ? axis(units, K, S, P, D).output : 0;
    rows.push({ size: size + (span - 1) * jump, jump: jump * S, start: start - P * jump, units: output, span });
  }
  return rows;
}

/** For the input and every layer up to the unit's own: Map of index → number of paths to the unit; padding ends a path. */
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

/** Everything on screen. `broken` is the first layer into which no window fits, or 0; rows from there on have no units. */
export function solve(s) {
  const rows = recurrence(s.layers, s.input_size);
  const broken = Math.max(rows.findIndex(({ units }) => units < 1), 0);
  const highest = broken ? broken - 1 : s.layers.length;
  const layer = Math.min(Math.max(s.layer, 0), highest);
  const unit = Math.min(Math.max(s.unit, 0), rows[layer].units - 1);
  const { size, jump, start } = rows[layer];
  const first = start + unit * jump;
  return { rows, broken, highest, layer, unit, size, first, last: first + size - 1, ...seenBy(s.layers, rows, layer, unit) };
}

/** PyTorch's code for these layers. */
export function stackCode(layers) {
  const parts = layers.map(([kind, K, S, P, D]) => {
    const numbers = kind === "pool" ? [K] : [1, 1, K];
    if (S !== (kind === "pool" ? K : 1)) numbers.push(`stride=${S}`);
    if (P !== 0) numbers.push(`padding=${P}`);
    if (D !== 1) numbers.push(`dilation=${D}`);
    return `${kind === "pool" ? "nn.MaxPool2d" : "nn.Conv2d"}(${numbers.join(", ")})`;
  });
  return `nn.Sequential(${parts.join(", ")})`;
}

/** Where a unit is drawn, in pixels of the input: [left, right]. */
export function place({ size, jump, start }, unit) {
  const left = start + unit * jump + (size - jump) / 2;
  return [left, left + jump];
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const state = () => Object.fromEntries(["layers", "input_size", "layer", "unit"].map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    let now = null;
    let built = ""; // the layers and the input that stand on screen
    let hovered = null; // { layer, unit } under the pointer
    let cells = []; // [row][unit]
    let pads = []; // [row] Map of index → element
    let extent = [0, 1];
    let width = 900; // of the rows
    let em = 0; // the size of the text, as it was when `sized` was the choice of large; NaN until the view is in the page
    let sized = null;

    // --- Choices
    const middle = (layers, layer = layers.length) => {
      const { units } = recurrence(layers, model.get("input_size"))[layer];
      return Math.max(0, (units - 1) >> 1);
    };
    const stack = (layers) => set({ layers, layer: layers.length, unit: middle(layers) });
    const presets = select(say("preset"), [...Object.keys(PRESETS), "own"].map((name) => [name, say(`preset_${name}`)]), (name) =>
      name === "own" ? draw() : stack(PRESETS[name]));
    const add = ["conv", "pool"].map((kind) =>
      button(say(`add_${kind}`), say(`add_${kind}`), () => stack([...model.get("layers"), kind === "pool" ? ["pool", 2, 2, 0, 1] : ["conv", 3, 1, 1, 1]])));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") }, presets.element, ...add, large.element, reset);

    // --- The layers, with their recurrence
    const layerBox = h("div", { class: "cl-layers", role: "group", "aria-label": say("layers") });
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });
    let complaint = "";
    const complain = (text) => {
      complaint = text;
      draw();
    };
    const change = (index, position, value) => {
      complaint = "";
      const layers = model.get("layers").map((layer, i) => (i === index ? layer.map((old, k) => (k === position ? value : old)) : layer));
      const { layer, unit } = state();
      const { units } = recurrence(layers, model.get("input_size"))[Math.min(layer, layers.length)];
      set({ layers, unit: Math.min(unit, Math.max(units - 1, 0)) });
    };
    const lines = Array.from({ length: MOST }, (_, index) => {
      const layer = index + 1;
      const kind = h("select", { "aria-label": say("kind", { layer }), onchange: () => change(index, 0, kind.value) },
        ...["conv", "pool"].map((value) => h("option", { value }, say(value))));
      const fields = FIELDS.map(([lowest, highest], k) => {
        const name = say(`field_${k + 1}`, { layer });
        const field = h("input", { type: "number", class: "cl-entry", min: lowest, max: highest, step: 1, "aria-label": name, onchange: () => {
          const value = Number(field.value);
          if (field.value.trim() && Number.isInteger(value) && value >= lowest && value <= highest) return change(index, k + 1, value);
          field.value = model.get("layers")[index][k + 1];
          complain(say("not_in_range", { name, lowest, highest }));
        } });
        // JupyterLab's own keys stay out of a field.
        field.addEventListener("keydown", (event) => event.stopPropagation());
        return field;
      });
      const remove = button(say("remove", { layer }), "✕", () => stack(model.get("layers").filter((_, i) => i !== index)));
      const sums = ["size", "start", "jump"].map((name) => {
        const value = h("span", { class: "cl-working" });
        return { value, element: h("span", { class: "cl-sum-of" }, h("b", {}, say(name)), " ", value) };
      });
      const choices = h("span", { class: "cl-layer-choices" }, h("b", { class: "cl-layer-name" }, String(layer)), kind,
        ...fields.map((field, k) => h("span", { class: "cl-numbered" }, h("i", { "aria-hidden": "true" }, "KSPD"[k]), field)), remove);
      const element = h("div", { class: "cl-layer-line", role: "group", "aria-label": say("layer", { layer }) }, choices, ...sums.map((one) => one.element));
      return { element, kind, fields, remove, sums: sums.map((one) => one.value) };
    });

    // --- The stack from the side
    const side = h("div", { class: "cl-side", role: "grid", "aria-label": say("stack") });
    const plane2 = h("div", { class: "cl-plane-box" });
    const planeCaption = h("div", { class: "cl-caption" });
    const svg = (tag, attributes) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    const picture2 = svg("svg", { role: "img", class: "cl-plane-picture" });
    const [paper, lattice, read, frame] = [svg("rect", { class: "cl-paper" }), svg("path", { class: "cl-lattice" }), svg("path", { class: "cl-read" }), svg("rect", { class: "cl-field-frame" })];
    picture2.append(paper, lattice, read, frame);
    plane2.append(planeCaption, picture2);
    const both = h("div", { class: "cl-stack" }, side, plane2);
    const sentence = h("div", { class: "cl-sentence" });
    const legend = h("div", { class: "cl-note cl-small" }, say("paths"));
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const line = codeLine(words, say("code"));
    el.replaceChildren(bar, layerBox, message, both, sentence, legend, live, line.element);

    const cellOf = (event) => {
      const cell = event.target.closest?.("[data-unit]");
      return cell && side.contains(cell) ? { layer: Number(cell.dataset.layer), unit: Number(cell.dataset.unit) } : null;
    };
    const hover = (cell) => {
      if (cell?.layer === hovered?.layer && cell?.unit === hovered?.unit) return;
      hovered = cell;
      draw();
    };
    side.addEventListener("pointerover", (event) => event.pointerType === "mouse" && hover(cellOf(event)));
    side.addEventListener("pointerleave", () => hover(null));
    side.addEventListener("click", (event) => {
      const cell = cellOf(event);
      if (!cell) return;
      set(cell);
      cells[cell.layer]?.[cell.unit]?.focus({ preventScroll: true });
    });
    side.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      hovered = null;
      const base = solve(state());
      const [up, along] = steps[event.key];
      const layer = Math.min(Math.max(base.layer + up, 0), base.highest);
      let unit = Math.min(Math.max(base.unit + along, 0), base.rows[layer].units - 1);
      if (layer !== base.layer) {
        // The unit of that layer that stands nearest.
        const centre = (row, index) => (([left, right]) => (left + right) / 2)(place(row, index));
        const here = centre(base.rows[base.layer], base.unit);
        const { start, size, jump, units } = base.rows[layer];
        unit = Math.min(Math.max(Math.round((here - start - size / 2) / jump), 0), units - 1);
      }
      set({ layer, unit });
      draw();
      cells[layer][unit].focus({ preventScroll: true });
    });

    // --- Showing it all
    function draw() {
      const s = state();
      now = solve(hovered ? { ...s, ...hovered } : s);
      const key = JSON.stringify([s.layers, s.input_size]);
      if (key !== built) {
        hovered = null;
        now = solve(s);
        build(s);
        built = key;
      }
      paint(s);
    }

    function rowName(row) {
      const layers = model.get("layers");
      if (row === 0) return say("row_input", { size: now.rows[0].units });
      return say("row", { layer: row, kind: say(layers[row - 1][0]), size: now.rows[row].units });
    }

    function shortName(row) {
      return row === 0 ? say("name_input") : say("name", { layer: row, kind: say(model.get("layers")[row - 1][0]) });
    }

    /** Lay out the rows, the deepest on top. Everything is placed in percent, in pixels of the input. */
    function build(s) {
      const focused = side.contains(document.activeElement);
      const shown = now.rows.slice(0, now.highest + 1);
      const ends = shown.flatMap((row, r) => {
        const margin = s.layers[r] && r < now.highest ? s.layers[r][3] : 0;
        return [place(row, -margin)[0], place(row, row.units - 1 + margin)[1]];
      });
      const input = s.input_size;
      extent = [Math.max(Math.min(...ends, 0), -input), Math.min(Math.max(...ends, input), 2 * input)];
      const whole = extent[1] - extent[0];
      const put = (element, [left, right]) => {
        element.style.left = `${((100 * (left - extent[0])) / whole).toFixed(3)}%`;
        element.style.width = `${((100 * (right - left)) / whole).toFixed(3)}%`;
        element.span = right - left;
        return element;
      };
      cells = [];
      pads = [];
      const rows = shown.map((row, r) => {
        cells.push(Array.from({ length: row.units }, (_, unit) =>
          put(h("div", { class: "cl-unit", role: "gridcell", tabindex: -1, "data-layer": r, "data-unit": unit }), place(row, unit))));
        const margin = r < now.highest ? s.layers[r][3] : 0;
        pads.push(new Map());
        for (let i = 1; i <= margin; i++) for (const unit of [-i, row.units - 1 + i]) {
          const [left, right] = place(row, unit);
          if (left >= extent[0] - 1e-9 && right <= extent[1] + 1e-9) pads[r].set(unit, put(h("div", { class: "cl-unit cl-pad", "aria-hidden": "true" }), [left, right]));
        }
        const units = h("div", { class: `cl-units${r ? "" : " cl-pixels"}`, role: "row", "aria-label": rowName(r) }, ...cells[r], ...pads[r].values());
        const label = h("div", { class: "cl-row-label", "aria-hidden": "true" }, rowName(r));
        const cone = svg("svg", { class: "cl-cone", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
        cone.append(svg("polygon", {}));
        return h("div", { class: "cl-level", role: "presentation" }, label, units, ...(r ? [cone] : []));
      });
      side.replaceChildren(...rows.reverse());
      drawLayers(s);
      drawPlane(s);
      fitText();
      if (focused) cells[now.layer][now.unit].focus({ preventScroll: true });
    }

    function drawLayers(s) {
      const preset = Object.keys(PRESETS).find((name) => JSON.stringify(PRESETS[name]) === JSON.stringify(s.layers));
      presets.set(preset ?? "own");
      setChildren(layerBox, lines.slice(0, s.layers.length).map((one) => one.element));
      s.layers.forEach(([kind, ...numbers], index) => {
        const { kind: menu, fields, remove, sums } = lines[index];
        menu.value = kind;
        fields.forEach((field, k) => (field.value = numbers[k]));
        remove.disabled = s.layers.length === 1;
        const [K, S, P, D] = numbers;
        const [before, after] = [now.rows[index], now.rows[index + 1]];
        const reach = D === 1 ? `(${K} − 1)` : `${D}·(${K} − 1)`;
        setText(sums[0], `${before.size} + ${reach}·${before.jump} = ${after.size}`);
        setText(sums[1], `${format(before.start)} − ${P}·${before.jump} = ${format(after.start)}`);
        setText(sums[2], `${before.jump}·${S} = ${after.jump}`);
      });
      for (const one of add) one.disabled = s.layers.length >= MOST;
      line.set(stackCode(s.layers));
    }

    function drawPlane(s) {
      const n = s.input_size;
      const ticks = Array.from({ length: n + 1 }, (_, i) => `M${i} 0V${n}M0 ${i}H${n}`).join("");
      lattice.setAttribute("d", ticks);
      for (const [name, value] of [["width", n], ["height", n]]) paper.setAttribute(name, value);
    }

    /** Numbers only where they fit. */
    function fitText() {
      if (!(em > 0) || sized !== model.get("large")) em = parseFloat(getComputedStyle(el).fontSize);
      sized = model.get("large");
      const pixel = width / (extent[1] - extent[0]);
      const value = `${Math.min(pixel * 0.58, em * 1.05).toFixed(1)}px`;
      if (side.style.getPropertyValue("--text") !== value) side.style.setProperty("--text", value);
      side.classList.toggle("cl-dense", pixel < 13);
    }
    const resized = new ResizeObserver(([{ contentRect }]) => {
      width = contentRect.width;
      if (now) fitText();
    });
    resized.observe(side);
    signal?.addEventListener("abort", () => resized.disconnect());

    function paint(s) {
      large.set(model.get("large"));
      if (sized !== model.get("large")) fitText();
      const chosen = solve(s);
      for (const [r, row] of cells.entries()) {
        const seen = now.seen[r];
        const name = shortName(r);
        for (const [unit, cell] of row.entries()) {
          const isNow = r === now.layer && unit === now.unit;
          const paths = seen?.get(unit) ?? 0;
          const key = isNow ? -1 : paths;
          if (cell.key !== key) {
            cell.key = key;
            cell.className = isNow ? "cl-unit cl-now" : paths ? "cl-unit cl-seen-unit" : "cl-unit";
            cell.textContent = isNow ? String(unit) : paths ? format(paths) : "";
            cell.setAttribute("aria-label", say(paths && !isNow ? "cell_seen" : "cell", { row: name, unit, paths }));
          }
          const stop = r === chosen.layer && unit === chosen.unit ? 0 : -1;
          if (cell.tabIndex !== stop) cell.tabIndex = stop;
        }
        for (const [unit, pad_] of pads[r]) pad_.classList.toggle("cl-read-pad", Boolean(now.padding[r]?.has(unit)));
      }
      paintCones();
      paintPlane(s);
      const text = describe(s);
      setText(sentence, text);
      if (!hovered) setText(live, text);
      const wrong = problem(s) || complaint;
      message.hidden = !wrong;
      setText(message, wrong);
    }

    function paintCones() {
      const whole = extent[1] - extent[0];
      const ends = (r) => {
        const units = [...now.seen[r].keys(), ...now.padding[r]];
        const places = units.map((unit) => place(now.rows[r], unit)).flat();
        return [Math.min(...places), Math.max(...places)].map((x) => (100 * (x - extent[0])) / whole);
      };
      [...side.children].reverse().forEach((level, r) => {
        const cone = level.querySelector("polygon");
        if (!cone) return;
        if (r > now.layer) return cone.setAttribute("points", "");
        const [[a, b], [c, d]] = [ends(r), ends(r - 1)];
        cone.setAttribute("points", `${a},0 ${b},0 ${d},10 ${c},10`);
      });
    }

    function paintPlane(s) {
      const n = s.input_size;
      const [low, high] = [Math.min(0, now.first), Math.max(n, now.last + 1)];
      picture2.setAttribute("viewBox", `${low - 0.3} ${low - 0.3} ${high - low + 0.6} ${high - low + 0.6}`);
      const seen = [...now.seen[0].keys()];
      read.setAttribute("d", seen.flatMap((r) => seen.map((c) => `M${c} ${r}h1v1h-1z`)).join(""));
      for (const [name, value] of [["x", now.first], ["y", now.first], ["width", now.size], ["height", now.size]]) frame.setAttribute(name, value);
      setText(planeCaption, say("plane", { size: now.size }));
      picture2.setAttribute("aria-label", say("plane_label", { input: n, size: now.size, first: format(now.first), last: format(now.last) }));
    }

    function describe(s) {
      const { unit, first, last, size } = now;
      const parts = [say("sees", { row: shortName(now.layer), unit, first: format(first), last: format(last), size, area: size * size })];
      const outside = Math.max(0, -first) + Math.max(0, last + 1 - s.input_size);
      if (outside) parts.push(say("sees_padding", { count: Math.min(outside, size), size }));
      const gaps = Math.min(last, s.input_size - 1) - Math.max(first, 0) + 1 - now.seen[0].size;
      if (gaps > 0) parts.push(say("sees_gaps", { count: gaps }));
      return parts.join(" ");
    }

    function problem(s) {
      if (now.broken) {
        const [, , , P] = s.layers[now.broken - 1];
        const padded = now.rows[now.broken - 1].units + 2 * P;
        return say("too_small", { layer: now.broken, span: now.rows[now.broken].span, padded });
      }
      const pool = s.layers.find(([kind, K, , P]) => kind === "pool" && P > K >> 1);
      if (pool) return say("pool_padding", { kernel: pool[1], padding: pool[3] });
      return "";
    }

    mount({ model, el, signal }, draw);
  },
};
