// A small net in the browser: draw, and every layer's maps follow. base.js stands in front of this file.

const BLOCK = 4; // cells of the drawing in a pixel of the input, each way
const PEN = 2.5; // radius of the pen, in cells
const STEP = 2; // cells that an arrow key moves the pen

/** The input that a drawing stands for: black cells of every 4 × 4, divided by 16. */
export function inputOf(bitmap, side) {
  const data = new Float64Array(side * side);
  const across = side * BLOCK;
  for (let i = 0; i < bitmap.length; i++) {
    if (bitmap[i] === "1") data[Math.floor(i / across / BLOCK) * side + Math.floor((i % across) / BLOCK)] += 1 / (BLOCK * BLOCK);
  }
  return { shape: [1, side, side], data };
}

/** Every layer's output for an input: { shape, data }, row after row; the first one is the input itself. */
export function forward(layers, input) {
  const made = [input];
  for (const layer of layers) made.push(FORWARD[layer.kind](layer, made.at(-1)));
  return made;
}

const FORWARD = {
  Conv2d({ shape: [O, C, KH, KW], weight, bias, stride: [sh, sw], padding: [ph, pw] }, { shape: [, H, W], data }) {
    const [OH, OW] = [axis(H, KH, sh, ph).output, axis(W, KW, sw, pw).output];
    const output = new Float64Array(O * OH * OW);
    for (let o = 0; o < O; o++) for (let y = 0; y < OH; y++) for (let x = 0; x < OW; x++) {
      let total = bias[o];
      for (let c = 0; c < C; c++) for (let i = 0; i < KH; i++) {
        const r = y * sh - ph + i;
        if (r < 0 || r >= H) continue;
        const [row, taps] = [(c * H + r) * W, ((o * C + c) * KH + i) * KW];
        for (let j = 0; j < KW; j++) {
          const s = x * sw - pw + j;
          if (s >= 0 && s < W) total += data[row + s] * weight[taps + j];
        }
      }
      output[(o * OH + y) * OW + x] = total;
    }
    return { shape: [O, OH, OW], data: output };
  },
  ReLU: (_, { shape, data }) => ({ shape, data: data.map((value) => Math.max(0, value)) }),
  MaxPool2d({ kernel: [KH, KW], stride: [sh, sw], padding: [ph, pw] }, { shape: [C, H, W], data }) {
    const [OH, OW] = [axis(H, KH, sh, ph).output, axis(W, KW, sw, pw).output];
    const output = new Float64Array(C * OH * OW).fill(-Infinity);
    for (let c = 0; c < C; c++) for (let y = 0; y < OH; y++) for (let x = 0; x < OW; x++) {
      const at = (c * OH + y) * OW + x;
      for (let i = 0; i < KH; i++) for (let j = 0; j < KW; j++) {
        const [r, s] = [y * sh - ph + i, x * sw - pw + j];
        if (r >= 0 && r < H && s >= 0 && s < W) output[at] = Math.max(output[at], data[(c * H + r) * W + s]);
      }
    }
    return { shape: [C, OH, OW], data: output };
  },
  Flatten: (_, { data }) => ({ shape: [data.length], data }),
  Linear({ shape: [O, I], weight, bias }, { data }) {
    const output = new Float64Array(O);
    for (let o = 0; o < O; o++) {
      let total = bias[o];
      for (let i = 0; i < I; i++) total += weight[o * I + i] * data[i];
      output[o] = total;
    }
    return { shape: [O], data: output };
  },
};

/** Scores as probabilities that add up to 1. */
export function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = [...scores].map((score) => Math.exp(score - highest));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

/** A layer's shape with three axes: a row of numbers is so many maps of one cell. */
export function volume({ shape }) {
  return shape.length === 3 ? shape : [shape[0], 1, 1];
}

/** The value of unit [layer, channel, row, column]; clamped to what there is. */
export function unitOf(made, [layer, channel, row, column]) {
  const l = Math.min(Math.max(layer, 0), made.length - 1);
  const sizes = volume(made[l]);
  const [c, y, x] = [channel, row, column].map((at, i) => Math.min(Math.max(at, 0), sizes[i] - 1));
  return { place: [l, c, y, x], value: made[l].data[(c * sizes[1] + y) * sizes[2] + x] };
}

/**
 * What a unit is made of: `window`, the rows and columns of the layer below that it reads ({ top, left, height, width, channel },
 * channel null: all of them); for a convolution each channel's sum of products, and values and weights of the strongest one.
 */
export function reads(layers, made, [l, c, y, x]) {
  if (l === 0) return { kind: "input" };
  const layer = layers[l - 1];
  const below = made[l - 1];
  const [C, H, W] = volume(below);
  const whole = { top: 0, left: 0, height: H, width: W, channel: null };
  if (layer.kind === "Linear") {
    const products = Array.from(below.data, (value, i) => value * layer.weight[c * below.data.length + i]);
    return { kind: "linear", window: whole, count: below.data.length, sum: sum(products), bias: layer.bias[c] };
  }
  if (layer.kind === "ReLU") return { kind: "relu", window: { top: y, left: x, height: 1, width: 1, channel: c }, before: unitOf(made, [l - 1, c, y, x]).value };
  if (layer.kind === "Flatten") {
    const [channel, row, column] = [Math.floor(c / (H * W)), Math.floor((c % (H * W)) / W), c % W];
    return { kind: "flatten", window: { top: row, left: column, height: 1, width: 1, channel }, channel, row, column };
  }
  const [KH, KW] = layer.kernel;
  const window = { top: y * layer.stride[0] - layer.padding[0], left: x * layer.stride[1] - layer.padding[1], height: KH, width: KW };
  const inside = (r, s) => r >= 0 && s >= 0 && r < H && s < W;
  const values = (channel) => plane(KH, KW, (i, j) => {
    const [r, s] = [window.top + i, window.left + j];
    return inside(r, s) ? below.data[(channel * H + r) * W + s] : 0;
  });
  if (layer.kind === "MaxPool2d") {
    const count = sum(plane(KH, KW, (i, j) => (inside(window.top + i, window.left + j) ? 1 : 0)).flat());
    return { kind: "pool", window: { ...window, channel: c }, count };
  }
  const weights = (channel) => plane(KH, KW, (i, j) => layer.weight[((c * C + channel) * KH + i) * KW + j]);
  const sums = Array.from({ length: C }, (_, channel) => {
    const w = weights(channel);
    return sum(values(channel).flatMap((row, i) => row.map((value, j) => value * w[i][j])));
  });
  const channel = sums.reduce((best, value, i) => (Math.abs(value) > Math.abs(sums[best]) ? i : best), 0);
  return {
    kind: "conv", window: { ...window, channel: null }, sums, bias: layer.bias[c], channel, values: values(channel), weights: weights(channel),
    outside: plane(KH, KW, (i, j) => (inside(window.top + i, window.left + j) ? 0 : 1)),
  };
}

/** The cells that the pen blackens on its way from one place to another, on a drawing of size × size; places in cells, fractions too. */
export function stroke([r0, c0], [r1, c1], size) {
  const cells = [];
  const [dr, dc] = [r1 - r0, c1 - c0];
  const length = dr * dr + dc * dc;
  const [low, high] = [(a, b) => Math.max(0, Math.floor(Math.min(a, b) - PEN)), (a, b) => Math.min(size - 1, Math.ceil(Math.max(a, b) + PEN))];
  for (let r = low(r0, r1); r <= high(r0, r1); r++) for (let c = low(c0, c1); c <= high(c0, c1); c++) {
    const [y, x] = [r + 0.5 - r0, c + 0.5 - c0];
    const t = length ? Math.min(Math.max((y * dr + x * dc) / length, 0), 1) : 0;
    if ((y - t * dr) ** 2 + (x - t * dc) ** 2 <= PEN * PEN) cells.push(r * size + c);
  }
  return cells;
}

/** A layer as PyTorch's code; explorers/feature_maps.py has the same. */
export function layerName(layer) {
  if (layer.kind === "Linear") return `Linear(${layer.shape[1]}, ${layer.shape[0]})`;
  if (layer.kind !== "Conv2d" && layer.kind !== "MaxPool2d") return `${layer.kind}()`;
  const short = ([a, b]) => (a === b ? String(a) : `(${a}, ${b})`);
  const parts = layer.kind === "Conv2d" ? [layer.shape[1], layer.shape[0], short(layer.kernel)] : [short(layer.kernel)];
  const [sh, sw] = layer.kind === "Conv2d" ? [1, 1] : layer.kernel;
  if (layer.stride[0] !== sh || layer.stride[1] !== sw) parts.push(`stride=${short(layer.stride)}`);
  if (layer.padding[0] || layer.padding[1]) parts.push(`padding=${short(layer.padding)}`);
  return `${layer.kind}(${parts.join(", ")})`;
}

/** How a layer's maps are laid out on a canvas: so many columns, cells with a gap of one between maps (none in a row of numbers). */
export function layout(made, columns) {
  const [count, height, width] = volume(made);
  const flat = made.shape.length === 1;
  const across = flat ? count : Math.min(count, columns);
  const gap = flat ? 0 : 1;
  const place = (channel, row, column) => [Math.floor(channel / across) * (height + gap) + row, (channel % across) * (width + gap) + column];
  return { across, gap, place, rows: Math.ceil(count / across) * (height + gap) - gap, columns: across * (width + gap) - gap };
}

/** The unit under a cell of the canvas, or null in a gap. */
export function unitAt(made, columns, [r, c]) {
  const [count, height, width] = volume(made);
  const { across, gap } = layout(made, columns);
  const [down, row] = [Math.floor(r / (height + gap)), r % (height + gap)];
  const [along, column] = [Math.floor(c / (width + gap)), c % (width + gap)];
  const channel = down * across + along;
  return row < height && column < width && along < across && channel < count ? [channel, row, column] : null;
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const set = (changes) => choose(model, changes);
    const side = () => model.get("side");
    const size = () => side() * BLOCK;
    const percent = (probability) => (100 * probability).toFixed(1);
    const shapeText = ({ shape }) => `(${shape.join(", ")})`;
    let colors = null; // of the theme: input, positive, negative
    let made = []; // what every layer makes of the drawing
    let madeOf = ""; // that drawing
    let hovered = null; // the unit under the pointer
    let pen = null; // where the pointer was last, while it draws
    let cursor = [size() / 2, size() / 2]; // the pen of the keyboard
    let down = false;
    let columns = 16;

    // --- Choices
    const examples = model.get("examples").map(([label, bitmap]) =>
      button(say("example", { label }), label, () => set({ bitmap })));
    const exampleBar = h("div", { class: "cl-bar", role: "group", "aria-label": say("examples"), hidden: !examples.length }, h("span", {}, say("examples")), ...examples);
    let erasing = false;
    const eraser = checkbox(say("eraser"), (on) => (erasing = on));
    const clear = button(say("clear"), say("clear"), () => set({ bitmap: "0".repeat(size() ** 2) }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") }, clear, eraser.element, large.element, reset);

    // --- The drawing
    const paper = h("canvas", { role: "application", tabindex: 0, class: "cl-draw-paper", "aria-label": say("drawing_point") });
    const nib = h("div", { class: "cl-nib", "aria-hidden": "true" });
    const lines = h("div", { class: "cl-draw-lines", "aria-hidden": "true" });
    const sheet = h("div", { class: "cl-draw-sheet" }, paper, lines, nib);
    const penLive = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const ink = (from, to) => {
      const cells = model.get("bitmap").split("");
      for (const at of stroke(from, to, size())) cells[at] = erasing ? "0" : "1";
      model.set("bitmap", cells.join(""));
    };
    const at = (event) => {
      const box = paper.getBoundingClientRect();
      return [((event.clientY - box.top) / box.height) * size(), ((event.clientX - box.left) / box.width) * size()];
    };
    paper.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      event.preventDefault();
      paper.focus({ preventScroll: true });
      paper.setPointerCapture(event.pointerId);
      pen = at(event);
      ink(pen, pen);
    });
    paper.addEventListener("pointermove", (event) => {
      if (!pen || !event.isPrimary) return;
      // A fast hand moves several times in a frame.
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const one of steps.length ? steps : [event]) {
        const to = at(one);
        ink(pen, to);
        pen = to;
      }
    });
    const lift = (event) => {
      if (!pen || !event.isPrimary) return;
      pen = null;
      model.save_changes();
      draw();
    };
    paper.addEventListener("pointerup", lift);
    paper.addEventListener("pointercancel", lift);
    paper.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const puts = event.key === " " || event.key === "Enter";
      if ((!(event.key in steps) && !puts) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const from = cursor;
      if (puts) down = !down;
      else cursor = cursor.map((place, k) => Math.min(Math.max(place + STEP * steps[event.key][k], 0), size()));
      if (down) {
        ink(from, cursor);
        model.save_changes();
      }
      moveNib();
      setText(penLive, say(down ? "pen_down" : "pen_up", { row: Math.floor(cursor[0] / BLOCK), column: Math.floor(cursor[1] / BLOCK) }));
    });
    paper.addEventListener("blur", () => ((down = false), moveNib()));
    function moveNib() {
      nib.style.top = `${(100 * cursor[0]) / size()}%`;
      nib.style.left = `${(100 * cursor[1]) / size()}%`;
      nib.classList.toggle("cl-nib-down", down);
    }
    moveNib();
    lines.style.setProperty("--side", side());

    // --- The prediction
    const reading = h("div", { class: "cl-reading" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const bars = model.get("classes").map((label) => {
      const [fillBar, number, score] = [h("div", { class: "cl-bar-fill" }), h("span", { class: "cl-percent" }), h("span", { class: "cl-class-score" })];
      const element = h("div", { class: "cl-class", role: "listitem" }, h("b", { class: "cl-class-name" }, label), h("div", { class: "cl-bar-track" }, fillBar), number, score);
      return { element, fillBar, number, score };
    });
    const barBox = h("div", { class: "cl-classes", role: "list", "aria-label": say("prediction") }, ...bars.map((one) => one.element));
    const heads = h("div", { class: "cl-class cl-class-heads cl-note cl-maps-small", "aria-hidden": "true" },
      h("span"), h("span", {}, say("probability")), h("span", { class: "cl-class-score" }, say("score")));

    // --- The maps
    const strips = [null, ...model.get("layers")].map((layer, index) => {
      const canvas = h("canvas", { role: "application", tabindex: 0 });
      const [spot, seen] = [h("div", { class: "cl-map-spot", "aria-hidden": "true", hidden: true }), []];
      const frame = h("div", { class: "cl-map-frame" }, canvas, spot);
      const caption = h("div", { class: "cl-caption" });
      const pointed = (event) => {
        const box = canvas.getBoundingClientRect();
        const cell = [Math.floor(((event.clientY - box.top) / box.height) * canvas.height), Math.floor(((event.clientX - box.left) / box.width) * canvas.width)];
        const unit = unitAt(made[index], columns, cell);
        return unit && [index, ...unit];
      };
      canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && look(pointed(event)));
      canvas.addEventListener("pointerleave", () => look(null));
      canvas.addEventListener("pointerdown", (event) => {
        const unit = event.isPrimary && pointed(event);
        if (unit) set({ unit });
      });
      canvas.addEventListener("keydown", (event) => {
        const steps = { ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], PageUp: [-1, 0, 0], PageDown: [1, 0, 0] };
        if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        hovered = null;
        const [layer_, ...place] = model.get("unit");
        const step = made[index].shape.length === 1 ? [sum(steps[event.key]), 0, 0] : steps[event.key];
        const from = layer_ === index ? place.map((one, k) => one + step[k]) : [0, 0, 0];
        set({ unit: unitOf(made, [index, ...from]).place });
      });
      return { layer, index, canvas, spot, seen, frame, caption, element: h("div", { class: "cl-map-strip" }, caption, frame) };
    });
    const look = (unit) => {
      if (String(unit) === String(hovered)) return;
      hovered = unit;
      draw();
    };

    // --- The unit
    const unitName = h("div", { class: "cl-caption" });
    const why = h("div", { class: "cl-why" });
    const windowGrid = new Grid(words, "input");
    const kernelGrid = new Grid(words, "kernel");
    const grids = h("div", { class: "cl-unit-grids" }, windowGrid.element, h("span", { class: "cl-map-times", "aria-hidden": "true" }, "⊙"), kernelGrid.element);
    const unitLive = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const inspector = h("div", { class: "cl-inspector", role: "group" }, unitName, why, grids);

    const left = h("div", { class: "cl-maps-left" }, h("div", { class: "cl-caption" }, say("drawing")), sheet,
      h("div", { class: "cl-note cl-maps-small" }, say("drawing_help", { cells: size(), side: side() })), reading, heads, barBox);
    const right = h("div", { class: "cl-maps-right", role: "group", "aria-label": say("layers") }, ...strips.map((one) => one.element), h("div", { class: "cl-note cl-maps-small" }, say("legend")));
    el.replaceChildren(exampleBar, bar, h("div", { class: "cl-maps-stage" }, left, right), inspector, live, unitLive, penLive);

    let room = 0; // width of the maps
    const fitColumns = () => {
      const wanted = room < 520 || model.get("large") ? 8 : 16;
      if (wanted !== columns) madeOf = "";
      columns = wanted;
    };
    const resized = new ResizeObserver(([{ contentRect }]) => {
      room = contentRect.width;
      // The theme's colours are known only once the view stands in the page.
      [colors, madeOf] = [null, ""];
      draw();
    });
    resized.observe(right);
    signal?.addEventListener("abort", () => resized.disconnect());

    // --- Showing it all
    const themed = new MutationObserver(() => ((colors = null), (madeOf = ""), draw()));
    themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
    signal?.addEventListener("abort", () => themed.disconnect());

    function readColors() {
      const context = h("canvas", { width: 1, height: 1 }).getContext("2d");
      const style = getComputedStyle(el);
      return Object.fromEntries(["input", "output", "window"].map((name) => {
        context.fillStyle = style.getPropertyValue(`--cl-${name}`).trim() || "#888";
        context.fillRect(0, 0, 1, 1);
        return [name, context.getImageData(0, 0, 1, 1).data];
      }));
    }

    function put(canvas, rows, columns_, pixel) {
      if (canvas.width !== columns_ || canvas.height !== rows) Object.assign(canvas, { width: columns_, height: rows });
      const picture = new ImageData(columns_, rows);
      pixel(picture.data);
      canvas.getContext("2d").putImageData(picture, 0, 0);
    }

    function paintPaper(bitmap) {
      const [r, g, b] = colors.input;
      put(paper, size(), size(), (data) => {
        for (let i = 0; i < bitmap.length; i++) if (bitmap[i] === "1") data.set([r, g, b, 255], 4 * i);
      });
    }

    function paintStrip({ canvas, frame, index, layer, caption }) {
      const one = made[index];
      const [count, height, width] = volume(one);
      const laid = layout(one, columns);
      let largest = 0;
      for (const value of one.data) largest = Math.max(largest, Math.abs(value));
      put(canvas, laid.rows, laid.columns, (data) => {
        for (let c = 0, i = 0; c < count; c++) for (let y = 0; y < height; y++) for (let x = 0; x < width; x++, i++) {
          const [r, s] = laid.place(c, y, x);
          const color = index === 0 ? colors.input : one.data[i] < 0 ? colors.window : colors.output;
          const to = 4 * (r * laid.columns + s);
          data[to] = color[0];
          data[to + 1] = color[1];
          data[to + 2] = color[2];
          // A trace of colour where the value is 0, so that a map is seen to be there.
          data[to + 3] = 20 + (235 * Math.abs(one.data[i])) / (largest || 1);
        }
      });
      const flat = one.shape.length === 1;
      frame.style.width = flat ? "100%" : `${(100 * laid.across) / columns}%`;
      frame.classList.toggle("cl-flat", flat);
      const title = layer ? `${index} · ${layerName(layer)} → ${shapeText(one)}` : say("row_input", { shape: shapeText(one) });
      setText(caption, title);
      const label = say("maps_point", { name: layer ? layerName(layer) : say("row_input", { shape: "" }).trim(), shape: shapeText(one) });
      if (canvas.named !== label) canvas.setAttribute("aria-label", (canvas.named = label));
    }

    function paintBars() {
      const scores = made.at(-1).data;
      const probabilities = softmax(scores);
      const best = probabilities.indexOf(Math.max(...probabilities));
      bars.forEach(({ element, fillBar, number, score }, i) => {
        fillBar.style.transform = `scaleX(${probabilities[i].toFixed(4)})`;
        setText(number, `${percent(probabilities[i])} %`);
        setText(score, format(scores[i]));
        element.classList.toggle("cl-class-best", i === best);
      });
      const empty = !model.get("bitmap").includes("1");
      const text = say(empty ? "nothing" : "reads", { label: model.get("classes")[best], percent: percent(probabilities[best]) });
      setText(reading, text);
      if (!pen) setText(live, text);
    }

    function paintUnit() {
      const { place, value } = unitOf(made, hovered ?? model.get("unit"));
      const [l, c, y, x] = place;
      const layers = model.get("layers");
      const found = reads(layers, made, place);
      for (const strip of strips) {
        strip.spot.hidden = strip.index !== l;
        const shows = strip.index === l - 1 && found.window;
        const [count, height, width] = volume(made[strip.index]);
        const laid = layout(made[strip.index], columns);
        const box = (element, row, column, tall, wide) => {
          for (const [name, part, whole] of [["top", row, laid.rows], ["left", column, laid.columns], ["height", tall, laid.rows], ["width", wide, laid.columns]]) {
            element.style[name] = `${((100 * part) / whole).toFixed(3)}%`;
          }
        };
        if (strip.index === l) box(strip.spot, ...laid.place(c, y, x), 1, 1);
        const flat = made[strip.index].shape.length === 1;
        const channels = !shows ? [] : flat ? [null] : shows.channel === null ? Array.from({ length: count }, (_, i) => i) : [shows.channel];
        while (strip.seen.length < channels.length) {
          const outline = h("div", { class: "cl-map-seen", "aria-hidden": "true" });
          strip.seen.push(outline);
          strip.frame.append(outline);
        }
        strip.seen.forEach((outline, i) => {
          outline.hidden = i >= channels.length;
          if (outline.hidden) return;
          if (channels[i] === null) return shows.channel === null ? box(outline, 0, 0, 1, count) : box(outline, 0, shows.channel, 1, 1);
          const [top, left_] = [Math.max(shows.top, 0), Math.max(shows.left, 0)];
          const [bottom, right_] = [Math.min(shows.top + shows.height, height), Math.min(shows.left + shows.width, width)];
          box(outline, ...laid.place(channels[i], top, left_), bottom - top, right_ - left_);
        });
      }
      const name = l ? `${l} ${layerName(layers[l - 1])}` : say("row_input", { shape: "" }).trim();
      setText(unitName, made[l].shape.length === 1 ? say("unit_flat", { name, channel: c }) : say("unit", { name, channel: c, row: y, column: x }));
      const shown = format(value);
      const list = (numbers) => numbers.map(format).join(" + ").replaceAll("+ −", "− ");
      const text = {
        input: () => say("why_input", { count: Math.round(value * BLOCK * BLOCK), value: shown }),
        conv: () => say("why_conv", { sums: list(found.sums), bias: format(found.bias), value: shown }),
        relu: () => say("why_relu", { before: format(found.before), value: shown }),
        pool: () => say("why_pool", { count: found.count, value: shown }),
        flatten: () => say("why_flatten", { channel: found.channel, row: found.row, column: found.column, value: shown }),
        linear: () => say("why_linear", { count: found.count, sum: format(found.sum), bias: format(found.bias), value: shown }),
      }[found.kind]();
      setText(why, text);
      if (!hovered && !pen) setText(unitLive, `${unitName.textContent}: ${text}`);
      grids.hidden = found.kind !== "conv";
      if (found.kind !== "conv") return;
      const round = (rows) => rows.map((row) => row.map((one) => Math.round(1000 * one) / 1000));
      const labels = [say("window", { channel: found.channel }), say("kernel", { filter: c, channel: found.channel })];
      setText(windowGrid.caption, labels[0]);
      setText(kernelGrid.caption, labels[1]);
      windowGrid.show(round(found.values), labels[0], (r, s) => (found.outside[r][s] ? "cl-pad" : ""));
      kernelGrid.show(round(found.weights), labels[1]);
    }

    function draw() {
      const bitmap = model.get("bitmap");
      colors ??= readColors();
      large.set(model.get("large"));
      fitColumns();
      if (bitmap !== madeOf) {
        madeOf = bitmap;
        made = forward(model.get("layers"), inputOf(bitmap, side()));
        paintPaper(bitmap);
        strips.forEach(paintStrip);
        paintBars();
      } else if (!pen) setText(live, reading.textContent);
      paintUnit();
    }

    mount({ model, el, signal }, draw);
  },
};
