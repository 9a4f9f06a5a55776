// The channel mixer: red, green and blue, each under its own kernel, summed into one map for every filter.
// Planes are flat arrays of pixels, row after row, of 0 … 255.

const NAMES = ["R", "G", "B"];
const GREY = [0.299, 0.587, 0.114];
const THIRDS = [1 / 3, 1 / 3, 1 / 3];
const ONLY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
const ALL = [1, 1, 1];

/** The mirror of FILTERS in channel_mixer.py: kernel size and number of filters, shares of the planes, kernels (filter by filter). */
const FILTERS = {
  grey: [1, 1, [GREY, GREY, GREY], Array(9).fill("identity")],
  mean: [1, 1, [THIRDS, THIRDS, THIRDS], Array(9).fill("identity")],
  difference: [1, 1, [[1, -1, 0], [0, 1, -1], [-1, 0, 1]], Array(9).fill("identity")],
  keep: [1, 3, ONLY, Array(9).fill("identity")],
  swap: [1, 3, [...ONLY].reverse(), Array(9).fill("identity")],
  sepia: [1, 3, [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], Array(9).fill("identity")],
  edges: [3, 1, [ALL, ALL, ALL], ["vertical_edge", "horizontal_edge", "emboss"].flatMap((name) => [name, name, name])],
  unlike: [3, 1, [ALL, ALL, ALL], ["vertical_edge", "horizontal_edge", "box_blur", "horizontal_edge", "box_blur", "vertical_edge", "box_blur", "vertical_edge", "horizontal_edge"]],
  blur: [5, 3, ONLY, Array(9).fill("box_blur")],
};

/** The filters that a state stands for: [filter][plane][row][column]. */
export function weightOf(s) {
  const size = s.kernel_size;
  return Array.from({ length: s.out_channels }, (_, o) => NAMES.map((_, c) => {
    if (s.preset !== "custom") {
      const [, , shares, kernels] = FILTERS[s.preset];
      return kernel(kernels[3 * o + c], [size, size]).map((row) => row.map((value) => shares[o][c] * value + 0));
    }
    const stored = s.weight_values[o]?.[c] ?? [];
    const margin = (size - s.weight_values[0][0].length) / 2;
    return plane(size, size, (y, x) => stored[y - margin]?.[x - margin] ?? 0);
  }));
}

/** One plane under one odd kernel of at most 5 × 5, its size kept by zeros around it. */
export function correlate(pixels, [h, w], weight) {
  const output = new Float64Array(h * w);
  const margin = (weight.length - 1) / 2;
  const width = w + 4; // the loop below reads five pixels, however wide the kernel
  const padded = new Float64Array((h + 2 * margin) * width + 4);
  for (let y = 0; y < h; y++) padded.set(pixels.subarray(y * w, (y + 1) * w), (y + margin) * width + margin);
  weight.forEach((row, i) => {
    if (row.every((value) => value === 0)) return;
    const [a, b = 0, c = 0, d = 0, e = 0] = row;
    for (let y = 0, to = 0; y < h; y++) {
      for (let from = (y + i) * width, end = from + w; from < end; from++, to++) {
        output[to] += a * padded[from] + b * padded[from + 1] + c * padded[from + 2] + d * padded[from + 3] + e * padded[from + 4];
      }
    }
  });
  return output;
}

/** The three results added up pixel by pixel; planes that are off do not count. */
export function added(results, channels) {
  const on = results.filter((_, c) => channels[c]);
  const total = new Float64Array(results[0].length);
  for (const one of on) for (let i = 0; i < total.length; i++) total[i] += one[i];
  return total;
}

/** The numbers of one pixel: for every plane its window, which cells are padding, and the sum of products; their total; bias; value. */
export function pixelOf(planes, [h, w], filter, bias, channels, [row, column]) {
  const size = filter[0].length;
  const margin = (size - 1) / 2;
  const seen = planes.map((pixels, c) => {
    const cells = plane(size, size, (i, j) => {
      const [y, x] = [row + i - margin, column + j - margin];
      const padding = y < 0 || x < 0 || y >= h || x >= w;
      return { value: padding || !channels[c] ? 0 : pixels[y * w + x], padding };
    });
    return { cells, total: sum(cells.flatMap((line, i) => line.map(({ value }, j) => value * filter[c][i][j]))) };
  });
  const total = sum(seen.map((one) => one.total));
  return { planes: seen, total, bias, value: total + bias };
}

/** The values shown as black and as white: the mirror of shade_range in channel_mixer.py. */
export function shadeRange(filter, results) {
  const weights = filter.flat(2);
  if (weights.every((value) => value >= 0)) return [0, 255 * Math.max(1, sum(weights))];
  const [a, b, c] = results;
  let [largest, squares] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const total = a[i] + b[i] + c[i];
    largest = Math.max(largest, Math.abs(a[i]), Math.abs(b[i]), Math.abs(c[i]), Math.abs(total));
    squares += a[i] * a[i] + b[i] * b[i] + c[i] * c[i] + total * total;
  }
  largest = Math.ceil(Math.min(largest, 4 * Math.sqrt(squares / (4 * a.length))) - 1e-6) || 1;
  return [-largest, largest];
}

/** Three maps as the red, green and blue of a canvas, each on its own scale; one map as grey. */
export function colored(maps, ranges) {
  const pixels = new Uint32Array(maps[0].length).fill(0xff000000); // a, b, g, r: one write a pixel is the fastest
  maps.forEach((values, c) => {
    const [low, high] = ranges[c];
    const scale = 255 / (high - low);
    const places = maps.length === 1 ? 0x010101 : 1 << (8 * c);
    for (let i = 0; i < values.length; i++) {
      const shade = (values[i] - low) * scale;
      pixels[i] |= (shade <= 0 ? 0 : shade >= 255 ? 255 : (shade + 0.5) | 0) * places;
    }
  });
  return new Uint8ClampedArray(pixels.buffer);
}

/** How many weights and biases: O·(3 / groups)·K·K and O. */
export function countOf(filters, planes, size, bias) {
  const weights = filters * planes * size * size;
  return { weights, biases: bias ? filters : 0, count: weights + (bias ? filters : 0) };
}

/** nn.Conv2d for this state; apart: the same three kernels with groups=3. */
export function mixerCode(s, apart = false) {
  const parts = ["3", apart ? "3" : `${s.out_channels}`, `kernel_size=${s.kernel_size}`];
  if (s.kernel_size > 1) parts.push(`padding=${(s.kernel_size - 1) / 2}`);
  if (apart) parts.push("groups=3", "bias=False");
  return `nn.Conv2d(${parts.join(", ")})`;
}

const TRAITS = ["picture", "preset", "weight_values", "bias_values", "kernel_size", "out_channels", "channels", "filter", "depthwise", "position", "large"];

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const colors = NAMES.map((_, c) => say(`channel_${c}`));
    const state = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    const decoded = new Map(); // data URL → { planes, size, rgba }
    const kept = new Map(); // plane and kernel → result, for the picture on screen
    const painted = new Map(); // canvas → what is painted on it
    let mix = null; // what is on screen: { s, picture, weight, results, totals, ranges }
    let hovered = null; // the pixel that the pointer is on
    let lit = null; // the weight that the pointer is on, alike in all planes

    // --- Choices
    const pictures = select(say("picture"), [], (picture) => set({ picture }));
    const presets = select(say("preset"), [...Object.keys(FILTERS), "custom"].map((name) => [name, say(`filters_${name}`)]), (name) => {
      if (name === "custom") return set({ preset: name, weight_values: mix.weight });
      const [kernel_size, out_channels] = FILTERS[name];
      set({ preset: name, kernel_size, out_channels, filter: 0 });
    });
    const filters = select(say("filter"), [], (value) => set({ filter: Number(value) }));
    const depthwise = checkbox(say("depthwise"), (on) => set({ depthwise: on }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") },
      pictures.element, presets.element, filters.element, depthwise.element, large.element, reset);

    // --- Pictures that are pointed at
    const shown = [];
    const clamp = (place) => place.map((i, k) => Math.min(Math.max(i, 0), mix.picture.size[k] - 1));
    const position = () => clamp(model.get("position"));
    const look = (place) => {
      if (String(place) === String(hovered)) return;
      hovered = place;
      draw();
    };
    /** A picture named `name`; `spread`: its mark is the whole window and not one pixel. */
    const photo = (name, kind, spread = false) => {
      const canvas = h("canvas", { role: "application", tabindex: 0, "aria-label": say("plane_point", { name }) });
      const mark = h("div", { class: "cl-mix-mark", "aria-hidden": "true" });
      const at = (event) => {
        const box = canvas.getBoundingClientRect();
        return clamp([Math.floor(((event.clientY - box.top) / box.height) * canvas.height), Math.floor(((event.clientX - box.left) / box.width) * canvas.width)]);
      };
      canvas.addEventListener("pointerdown", (event) => {
        if (!mix || !event.isPrimary) return;
        canvas.setPointerCapture(event.pointerId);
        set({ position: at(event) });
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!mix) return;
        if (event.buttons === 1) set({ position: at(event) });
        else if (event.pointerType === "mouse") look(at(event));
      });
      canvas.addEventListener("pointerleave", () => look(null));
      canvas.addEventListener("keydown", (event) => {
        const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] };
        if (!(event.key in steps) || !mix || event.ctrlKey || event.metaKey || event.altKey) return;
        // JupyterLab has keys of its own on the cell around.
        event.preventDefault();
        event.stopPropagation();
        hovered = null;
        set({ position: clamp(position().map((i, k) => i + steps[event.key][k] * (event.shiftKey ? 10 : 1))) });
      });
      const caption = h("div", { class: "cl-caption" }, name);
      const one = { canvas, mark, spread, caption, element: h("div", { class: "cl-panel cl-mix-picture" }, caption, h("div", { class: `cl-mix-photo cl-mix-${kind}` }, canvas, mark)) };
      shown.push(one);
      return one;
    };
    const paintOn = ({ canvas }, key, rgba, [height, width]) => {
      if (painted.get(canvas) === key) return;
      painted.set(canvas, key);
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext("2d").putImageData(new ImageData(rgba(), width, height), 0, 0);
    };

    // --- The three planes, each with its window, its kernel and its result
    const whole = photo(say("photo"), "input", true);
    const credit = h("div", { class: "cl-note cl-mix-small" });
    const rows = NAMES.map((letter, c) => {
      const channel = colors[c];
      const on = checkbox(channel, (value) => set({ channels: model.get("channels").map((old, i) => (i === c ? value : old)) }));
      on.element.querySelector("input").setAttribute("aria-label", say("switch", { channel }));
      const [input, result] = [photo(channel, "input", true), photo(say("result_of", { channel }), "output")];
      input.caption.replaceChildren(on.element);
      const kernelGrid = new Grid(words, "kernel", {
        point: (cell) => ((lit = cell), mix && draw()),
        edit: (r, k, value) => {
          const filter = open();
          set({
            preset: "custom",
            weight_values: mix.weight.map((planes, o) => planes.map((kernel, i) => kernel.map((row, y) => row.map((old, x) => (o === filter && i === c && y === r && x === k ? value : old))))),
          });
        },
      });
      const windowGrid = new Grid(words, "input");
      const total = h("b");
      result.caption.replaceChildren(h("span", {}, "= ", total));
      const times = h("span", { class: "cl-mix-sign", "aria-hidden": "true" }, "⊙");
      const element = h("div", { class: `cl-mix-row cl-mix-${letter}` }, input.element, h("div", { class: "cl-mix-pair" }, windowGrid.element, times, kernelGrid.element), result.element);
      return { on, input, windowGrid, kernelGrid, result, total, element };
    });

    // --- The sum, the bias, the map
    const summed = photo(say("sum"), "output");
    const total = h("b");
    summed.caption.append(h("span", {}, " = ", total));
    const biasGrid = new Grid(words, "kernel", {
      edit: (r, c, value) => set({ bias_values: model.get("bias_values").map((old, o) => (o === open() ? value : old)) }),
    });
    const map = photo("", "output");
    const mapName = h("span");
    const value = h("b");
    map.caption.replaceChildren(mapName, " = ", value);
    const plus = (sign) => h("div", { class: "cl-mix-sign", "aria-hidden": "true" }, sign);
    const sumBox = h("div", { class: "cl-mix-sum" }, summed.element, h("div", { class: "cl-mix-bias" }, plus("+"), biasGrid.element), map.element);
    const rowsBox = h("div", { class: "cl-mix-rows" }, ...rows.map((row) => row.element));
    let width = Infinity; // of the view: on a narrow one the cells shrink
    const stage = h("div", { class: "cl-mix-stage" }, h("div", { class: "cl-mix-whole" }, whole.element, credit), rowsBox, h("div", { class: "cl-mix-end" }, plus("Σ →"), sumBox));
    const heading = h("span", { class: "cl-caption" });
    const sentence = h("span", { class: "cl-mix-sentence" });
    const arithmetic = h("div", { class: "cl-mix-arithmetic" }, heading, sentence);

    // --- All maps, and what groups=3 makes of the same kernels
    const maps = NAMES.map((_, o) => photo(say("map", { filter: o }), "output"));
    const together = photo(say("together"), "output");
    const apart = photo(say("apart"), "output");
    const mapsBox = h("div", { class: "cl-mix-maps" });
    const scale = h("div", { class: "cl-note cl-mix-small" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const lines = [codeLine(words, say("code")), codeLine(words, say("code_apart"))];
    const counts = lines.map((line) => {
      const [shape, count] = [h("span", { class: "cl-mix-shapes" }), h("span", { class: "cl-mix-count" })];
      line.element.append(shape, count);
      return { shape, count };
    });
    el.replaceChildren(bar, stage, arithmetic, mapsBox, scale, live, lines[0].element, lines[1].element);

    const open = () => Math.min(model.get("filter"), model.get("out_channels") - 1);

    /** The picture to show, or null while it is being decoded. */
    function current(s) {
      const url = model.get("pictures")[s.picture];
      if (!decoded.has(url)) {
        decoded.set(url, null);
        const image = h("img", { src: url });
        image.decode().then(() => {
          const canvas = h("canvas", { width: image.naturalWidth, height: image.naturalHeight });
          const context = canvas.getContext("2d", { willReadFrequently: true });
          context.drawImage(image, 0, 0);
          const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
          const planes = [0, 1, 2].map((c) => Float64Array.from({ length: rgba.length / 4 }, (_, i) => rgba[4 * i + c]));
          decoded.set(url, { rgba, planes, size: [canvas.height, canvas.width] });
          schedule();
        });
      }
      return decoded.get(url);
    }

    function draw() {
      const s = state();
      const picture = current(s);
      if (!picture) return;
      if (picture !== mix?.picture) kept.clear();
      const heavy = ["preset", "weight_values", "kernel_size", "out_channels", "channels"]; // other traits leave the planes alone
      if (!mix || picture !== mix.picture || heavy.some((name) => s[name] !== mix.s[name]) || !mix.results[open()]) mix = { ...compute(s, picture, false), measured: mix?.measured, em: mix?.em };
      mix.s = s;
      layout(s);
      paint(s);
      numbers(s);
      clearTimeout(rest);
      if (!mix.whole) rest = setTimeout(finish, 30);
    }

    /**
     * Only what changed: a result is kept for as long as its kernel stays. The filter that is shown comes at once; others whose
     * kernels are new follow after the frame is painted, and are null until then.
     */
    function compute(s, picture, whole) {
      const weight = weightOf(s);
      const key = (kernel, c) => `${c} ${kernel}`;
      const known = (o) => whole || o === open() || weight[o].every((kernel, c) => kept.has(key(kernel, c)));
      const old = mix?.picture === picture ? mix : null;
      const unchanged = (three, o) => old?.results[o]?.every((one, c) => one === three[c]);
      const sameChannels = String(old?.s.channels) === String(s.channels);
      const results = weight.map((filter, o) => !known(o) ? null : filter.map((kernel, c) => {
        if (!kept.has(key(kernel, c))) kept.set(key(kernel, c), correlate(picture.planes[c], picture.size, kernel));
        return kept.get(key(kernel, c));
      }));
      const totals = results.map((three, o) => three && (sameChannels && unchanged(three, o) ? old.totals[o] : added(three, s.channels)));
      const ranges = results.map((three, o) => three && (unchanged(three, o) ? old.ranges[o] : shadeRange(weight[o], three)));
      const used = new Set(weight.flatMap((filter) => filter.map(key)));
      for (const one of kept.keys()) if (!used.has(one)) kept.delete(one);
      return { picture, weight, results, totals, ranges, whole: results.every(Boolean) };
    }

    let rest = null;
    function finish() {
      rest = null;
      if (signal?.aborted || mix.whole) return;
      const { s, picture } = mix;
      mix = { ...mix, ...compute(s, picture, true) };
      paint(s);
    }

    function layout(s) {
      const names = Object.keys(model.get("pictures"));
      const options = (menu, wanted) => {
        const box = menu.element.querySelector("select");
        if (box.length !== wanted.length) setChildren(box, wanted.map(([value, text]) => h("option", { value }, text)));
      };
      options(pictures, names.map((value) => [value, say(`picture_${value}`)]));
      options(filters, Array.from({ length: s.out_channels }, (_, o) => [o, say("filter_number", { filter: o })]));
      pictures.set(s.picture);
      presets.set(s.preset);
      filters.set(open());
      filters.element.hidden = s.out_channels === 1;
      depthwise.set(s.depthwise);
      large.set(s.large);
      setText(credit, model.get("credits")[s.picture] ?? "");
      if (s.large !== mix.measured) Object.assign(mix, { measured: el.isConnected ? s.large : null, em: parseFloat(getComputedStyle(el).fontSize) || 16 });
      const { em } = mix;
      const cell = `${Math.min(em * { 1: 3.4, 3: 2.5, 5: 1.9 }[s.kernel_size], (width - 3.5 * em) / (2 * s.kernel_size)).toFixed(1)}px`;
      if (el.style.getPropertyValue("--cell") !== cell) el.style.setProperty("--cell", cell);
      setChildren(mapsBox, [
        ...(s.out_channels > 1 ? maps.slice(0, s.out_channels).map((one) => one.element) : []),
        ...(s.out_channels === 3 ? [together.element] : []),
        ...(s.depthwise ? [apart.element] : []),
      ]);
      mapsBox.hidden = s.out_channels === 1 && !s.depthwise;
      const [rows, columns] = mix.picture.size;
      lines[1].element.hidden = !s.depthwise;
      [[s.out_channels, 3, true, "parameters"], [3, 1, false, "parameters_apart"]].forEach(([filters, planes, bias, key], i) => {
        lines[i].set(mixerCode(s, i === 1));
        setText(counts[i].shape, `(1, 3, ${rows}, ${columns}) → (1, ${filters}, ${rows}, ${columns})`);
        setText(counts[i].count, say(key, countOf(filters, planes, s.kernel_size, bias)));
      });
    }

    function paint(s) {
      const { picture, weight, results, totals, ranges } = mix;
      const { size } = picture;
      const o = open();
      const range = ranges[o];
      const nothing = new Float64Array(size[0] * size[1]);
      const stamp = (one) => (one.stamp ??= Math.random());
      paintOn(whole, picture, () => picture.rgba, size);
      rows.forEach(({ input, result }, c) => {
        const on = s.channels[c];
        paintOn(input, `${stamp(picture)} ${on}`, () => colored([on ? picture.planes[c] : nothing], [[0, 255]]), size);
        paintOn(result, `${stamp(results[o][c])} ${on} ${range}`, () => colored([on ? results[o][c] : nothing], [range]), size);
      });
      const less = (bias, [low, high]) => [low - bias, high - bias]; // adding the bias is the same as moving the scale
      paintOn(summed, `${stamp(totals[o])} ${range}`, () => colored([totals[o]], [range]), size);
      paintOn(map, `${stamp(totals[o])} ${range} ${s.bias_values[o]}`, () => colored([totals[o]], [less(s.bias_values[o], range)]), size);
      if (s.out_channels > 1) {
        totals.forEach((total, k) => total && paintOn(maps[k], `${stamp(total)} ${ranges[k]} ${s.bias_values[k]}`, () => colored([total], [less(s.bias_values[k], ranges[k])]), size));
        maps.forEach((one, k) => one.element.classList.toggle("cl-mix-open", k === o));
      }
      // A colour picture has the scale of a photograph, unless negative weights put 0 in the middle.
      const asColor = (some) => (some.every(([low]) => low === 0) ? some.map(() => [0, 255]) : some.map(() => [-1, 1].map((sign) => sign * Math.max(...some.map(([, high]) => high)))));
      if (s.out_channels === 3 && mix.whole) {
        paintOn(together, `${totals.map(stamp)} ${ranges} ${s.bias_values}`, () => colored(totals, asColor(ranges).map((one, k) => less(s.bias_values[k], one))), size);
      }
      if (s.depthwise) {
        const three = results[o].map((one, c) => (s.channels[c] ? one : nothing));
        const single = weight[o].flat(2).every((value) => value >= 0) ? [0, 255 * Math.max(...weight[o].map((kernel) => sum(kernel.flat())), 1e-9)] : range;
        paintOn(apart, `${results[o].map(stamp)} ${s.channels} ${single}`, () => colored(three, [single, single, single]), size);
      }
      setText(scale, say("scale", { low: format(range[0]), high: format(range[1]) }));
    }

    function numbers(s) {
      const { picture, weight } = mix;
      const o = open();
      const [row, column] = hovered ? clamp(hovered) : position();
      const seen = pixelOf(picture.planes, picture.size, weight[o], s.bias_values[o], s.channels, [row, column]);
      const [h_, w_] = picture.size;
      for (const { canvas, mark, spread } of shown) {
        if (!canvas.isConnected) continue;
        const side = spread ? s.kernel_size : 1;
        const percent = (part) => `${(100 * part).toFixed(3)}%`;
        mark.style.cssText = `top: ${percent((row + 0.5) / h_)}; left: ${percent((column + 0.5) / w_)}; width: ${percent(side / w_)}; height: ${percent(side / h_)};`;
      }
      rows.forEach(({ on, windowGrid, kernelGrid, total, element }, c) => {
        const channel = colors[c];
        on.set(s.channels[c]);
        element.classList.toggle("cl-mix-off", !s.channels[c]);
        const marks = (r, k) => (lit && lit.r === r && lit.c === k ? "cl-lit" : "");
        setText(windowGrid.caption, say("window_of", { channel }));
        windowGrid.show(seen.planes[c].cells.map((line) => line.map((cell) => cell.value)), say("window_of", { channel }), (r, k) =>
          `${seen.planes[c].cells[r][k].padding ? "cl-pad" : ""} ${marks(r, k)}`.trim());
        setText(kernelGrid.caption, say("kernel_of", { channel }));
        kernelGrid.show(weight[o][c], say("kernel_of", { channel }), marks, null, o);
        setText(total, format(seen.planes[c].total));
      });
      setText(total, format(seen.total));
      setText(biasGrid.caption, say("bias"));
      biasGrid.show([[s.bias_values[o]]], say("bias_of", { filter: o }), () => "", null, o);
      setText(mapName, say("map", { filter: o }));
      setText(value, format(seen.value));
      setText(heading, say("pixel", { row, column }));
      const bracket = (number) => (number < 0 ? `(${format(number)})` : format(number));
      const parts = seen.planes.map((one, c) => `${colors[c]} ${bracket(one.total)}`);
      const exact = equals(...seen.planes.map((one) => one.total), seen.bias, seen.value);
      setText(sentence, `${parts.join(" + ")} + ${say("bias")} ${bracket(seen.bias)} ${exact} ${format(seen.value)}`);
      if (!hovered) {
        const [red, green, blue] = seen.planes.map((one) => format(one.total));
        setText(live, say("spoken", { row, column, red, green, blue, total: format(seen.total), bias: format(seen.bias), value: format(seen.value) }));
      }
    }

    const schedule = mount({ model, el, signal }, draw);
    const measured = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width === 0 || contentRect.width === width) return;
      width = contentRect.width;
      schedule();
    });
    measured.observe(stage);
    signal?.addEventListener("abort", () => measured.disconnect());
  },
};
