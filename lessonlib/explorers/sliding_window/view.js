// The sliding window. `solve` is pure: from the traits to every number on screen. `render` shows it.

const CONTROLS = ["input", "kernel", "padding_mode", "bias", "apart", "flipped", "whole_map", "large"];

/** Cut or extend stored values to h × w from the top left corner; what lies outside is kept in store, what is missing is 0. */
function fit(stored, h, w) {
  return plane(h, w, (r, c) => stored?.[r]?.[c] ?? 0);
}

/** The size pairs of a state: widths follow heights unless they are set apart. */
function pairs(s) {
  const pair = (name) => [s[`${name}_h`], s.apart ? s[`${name}_w`] : s[`${name}_h`]];
  return { kernel: pair("kernel"), padding: pair("padding"), stride: pair("stride"), dilation: pair("dilation") };
}

/** How much padding the mode can make of an input: it may not run out of cells to take. */
function mostPadding(s, side) {
  return { reflect: s[`input_${side}`] - 1, circular: s[`input_${side}`] }[s.padding_mode] ?? Infinity;
}

/** Why there is no output, as { key, values } of a sentence, or null. */
export function problem(s) {
  const size = pairs(s);
  const { groups } = s;
  for (const trait of ["in_channels", "out_channels"]) {
    if (s[trait] % groups) return { key: "problem_groups", values: { groups, trait, channels: s[trait] } };
  }
  for (const [i, side] of ["h", "w"].entries()) {
    const [input, padding] = [s[`input_${side}`], size.padding[i]];
    if (padding > mostPadding(s, side)) return { key: `problem_${s.padding_mode}`, values: { side, padding, input } };
  }
  const [height, width] = ["h", "w"].map((side, i) => {
    const { output, kernel, effective, padded, dilation } = axis(s[`input_${side}`], size.kernel[i], size.stride[i], size.padding[i], size.dilation[i]);
    if (output > 0) return null;
    return { key: dilation > 1 ? "problem_dilated" : "problem_kernel", values: { side, kernel, effective, padded, dilation } };
  });
  const alike = height && width && ["kernel", "padded", "dilation"].every((name) => height.values[name] === width.values[name]);
  if (alike) height.values.side = "both";
  return height ?? width;
}

// What could be changed where there is no output, with the values that its control reaches (LIMITS of sliding_window.py).
const KNOBS = {
  padding_h: [0, 4], padding_w: [0, 4], kernel_h: [1, 7], kernel_w: [1, 7], dilation_h: [1, 3], dilation_w: [1, 3], input_h: [1, 12], input_w: [1, 12],
  groups: [1, 4],
};

/**
 * The two smallest changes, of one control each, that give a state without output one: [{ trait, value }, …]. Where no single change does,
 * those that leave another problem than this one. Controls that are shown come first.
 */
export function mends(s) {
  const before = problem(s);
  const reach = (trait) => {
    const [low, high] = KNOBS[trait];
    const values = Array.from({ length: high - low + 1 }, (_, i) => low + i).sort((a, b) => Math.abs(a - s[trait]) - Math.abs(b - s[trait]));
    return values.filter((value) => value !== s[trait]).map((value) => ({ trait, value, change: Math.abs(value - s[trait]) }));
  };
  const changes = Object.keys(KNOBS).filter((trait) => s.apart || !trait.endsWith("_w") || trait === "input_w").map(reach);
  if (s.padding_mode !== "zeros") changes.push([{ trait: "padding_mode", value: "zeros", change: 1 }]);
  const after = ({ trait, value }) => problem({ ...s, [trait]: value });
  const another = (wrong) => !wrong || wrong.key !== before.key || wrong.values.side !== before.values.side;
  const found = [(wrong) => !wrong, another].map((good) => changes.map((one) => one.find((change) => good(after(change)))).filter(Boolean));
  const hidden = ({ trait }) => !s.shown.includes(controlOf(trait));
  return (found[0].length ? found[0] : found[1]).sort((a, b) => hidden(a) - hidden(b) || a.change - b.change).slice(0, 2);
}

/** The name in `show` of the control that sets a trait. */
function controlOf(trait) {
  const [, name] = /^(input|kernel|padding|stride|dilation)_[hw]$/.exec(trait) ?? [null, trait];
  return { input: "input_size", kernel: "kernel_size" }[name] ?? name;
}

/** The planes of input, weight and bias that a state stands for, presets worked out. */
export function tensors(s) {
  const size = pairs(s);
  const planes = Math.max(1, Math.floor(s.in_channels / s.groups));
  const input = Array.from({ length: s.in_channels }, (_, c) =>
    s.input_preset === "custom" ? fit(s.input_values[c], s.input_h, s.input_w) : picture(s.input_preset, [s.input_h, s.input_w], c, s.seed),
  );
  const weight = Array.from({ length: s.out_channels }, (_, o) =>
    Array.from({ length: planes }, (_, c) =>
      (s.kernel_presets[o] ?? "custom") === "custom"
        ? fit(s.weight_values[o]?.[c], ...size.kernel)
        : kernel(s.kernel_presets[o], size.kernel, s.seed + 31 * o + 7 * c),
    ),
  );
  const bias = Array.from({ length: s.out_channels }, (_, o) => (s.use_bias ? (s.bias_values[o] ?? 0) : 0));
  return { input, weight, bias };
}

/** Everything that is shown: the tensors, both axes, the padded input, the whole output. */
export function solve(s) {
  const size = pairs(s);
  const { input, weight, bias } = tensors(s);
  const slid = s.flipped ? weight.map((filter) => filter.map(flip)) : weight;
  const axes = ["h", "w"].map((side, i) => axis(s[`input_${side}`], size.kernel[i], size.stride[i], size.padding[i], size.dilation[i]));
  const wrong = problem(s);
  const solved = { ...s, size, input, weight, bias, slid, axes, wrong, perGroup: weight[0].length };
  const paddable = ["h", "w"].every((side, i) => size.padding[i] <= mostPadding(s, side));
  solved.padded = input.map((channel) => pad(channel, paddable ? size.padding : [0, 0], s.padding_mode));
  solved.output = wrong ? [] : weight.map((_, o) => plane(axes[0].output, axes[1].output, (r, c) => windowAt(solved, o, r, c).value));
  if (!wrong) solved.position = clampPosition(solved, s.position);
  solved.filter = Math.min(s.filter, s.out_channels - 1);
  return solved;
}

function clampPosition({ axes }, [r, c]) {
  return [Math.min(Math.max(r, 0), axes[0].output - 1), Math.min(Math.max(c, 0), axes[1].output - 1)];
}

/** The channels of the input that filter o reads. */
export function channelsOf({ in_channels, out_channels, groups, perGroup }, o) {
  const first = Math.floor(o / (out_channels / groups)) * perGroup;
  return Array.from({ length: perGroup }, (_, i) => first + i).filter((c) => c < in_channels);
}

/** The arithmetic of one window: products plane by plane, their sums, the total, plus bias. */
export function windowAt(solved, o, r, c, weight = solved.slid) {
  const { axes, padded, bias, size } = solved;
  const planes = channelsOf(solved, o).map((channel, i) => {
    const terms = products(padded[channel], weight[o][i], r * axes[0].stride, c * axes[1].stride, size.dilation);
    return { channel, terms, total: sum(terms.flat().map((term) => term.product)) };
  });
  const total = sum(planes.map((one) => one.total));
  return { planes, total, bias: bias[o], value: total + bias[o] };
}

/** The output cells that cell (r, c) of the padded input feeds, as "row,column". */
export function fedBy({ axes }, r, c) {
  const along = (a, index) => a.starts.flatMap((start, i) => ((index - start) % a.dilation === 0 && index >= start && index <= start + a.effective - 1 ? [i] : []));
  return along(axes[0], r).flatMap((row) => along(axes[1], c).map((column) => `${row},${column}`));
}

/** nn.Conv2d for exactly this state, arguments at their defaults left out. */
export function code({ in_channels, out_channels, size, padding_mode, groups, use_bias, flipped }) {
  const pair = ([a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);
  const parts = [`${in_channels}`, `${out_channels}`, `kernel_size=${pair(size.kernel)}`];
  for (const [name, usual] of [["stride", 1], ["padding", 0], ["dilation", 1]]) {
    if (size[name].some((value) => value !== usual)) parts.push(`${name}=${pair(size[name])}`);
  }
  if (groups !== 1) parts.push(`groups=${groups}`);
  if (!use_bias) parts.push("bias=False");
  if (padding_mode !== "zeros") parts.push(`padding_mode="${padding_mode}"`);
  return `nn.Conv2d(${parts.join(", ")})${flipped ? "  # weight.flip(-2, -1)" : ""}`;
}

/** Where the outline stands after t windows of a film, gliding from one to the next in the last part of each. */
export function glide({ axes }, t) {
  const columns = axes[1].output;
  const index = Math.min(Math.floor(t), axes[0].output * columns - 1);
  const next = Math.min(index + 1, axes[0].output * columns - 1);
  const part = Math.max(0, (t - index - 0.5) * 2);
  const ease = part >= 1 ? 1 : part * part * (3 - 2 * part);
  const [a, b] = [index, next].map((i) => [Math.floor(i / columns) * axes[0].stride, (i % columns) * axes[1].stride]);
  return { index, top: a[0] + (b[0] - a[0]) * ease, left: a[1] + (b[1] - a[1]) * ease };
}

/**
 * How to lay planes and maps out in a width, with letters of `em` pixels: the sides of their cells, so that numbers can be read and all is
 * seen at once; whether the planes are too dense for numbers, the maps stand below the planes, products run on as text.
 */
export function layOut({ padded, weight, output, axes: [rows, columns], perGroup }, width, em) {
  // The widest number of each, in em of its own letters, and from it the least cell in which it can be read, and one for the last row.
  const [input, kernel, map] = [padded, weight, output].map((tensor) => Math.max(...tensor.flat(4).map((value) => breadth(format(value))), 0.7));
  const plane = Math.max(input, kernel);
  const readable = (number) => em * Math.max(1.5, 0.8 * number);
  const wanted = (number, height) => Math.min(em * Math.max(3.4, 1.05 * number), Math.max((36 * em) / height, 2 * em, readable(number)));
  // All in one row, with room for signs, gaps, and sums beside the kernels. Where that does not fit, the maps go below.
  const room = width - (perGroup > 1 ? 14 : 8) * em;
  // As at stride 1, so that no cell changes its size while the stride does.
  const [mapRows, mapColumns] = [rows, columns].map((a) => (a.output ? a.padded - a.effective + 1 : 4));
  const planeColumns = columns.padded + columns.kernel;
  const least = columns.padded > 16 ? 0.75 * em : readable(plane);
  const below = planeColumns * least + mapColumns * readable(map) > room;
  const widest = below
    ? (width - em) / Math.max(columns.padded, columns.kernel + 2)
    : Math.min(room / (planeColumns + mapColumns), (room - mapColumns * readable(map)) / planeColumns);
  const cell = Math.max(Math.min(wanted(plane, padded.length * rows.padded), widest), Math.min(least, 16));
  const beside = (width - 3 * em) / (weight.length * mapColumns) - 1; // a map below, if all stand in a row
  const widestMap = below ? Math.max(beside, readable(map)) : (room - planeColumns * cell) / mapColumns;
  const mapCell = Math.max(Math.min(wanted(map, weight.length * mapRows), widestMap, (width - 3 * em) / mapColumns, 1.5 * cell), 12);
  const product = em * (0.8 * (input + kernel) + 4); // both factors, with sign and brackets
  const half = (side) => Math.floor(2 * side) / 2;
  return { cell: half(cell), mapCell: half(mapCell), dense: cell < 1.1 * em, below, flow: columns.kernel * product > width };
}

const TRAITS = [
  "input_h", "input_w", "kernel_h", "kernel_w", "padding_h", "padding_w", "stride_h", "stride_w", "dilation_h", "dilation_w", "apart",
  "padding_mode", "in_channels", "out_channels", "groups", "use_bias", "flipped", "input_preset", "kernel_presets", "seed", "input_values",
  "weight_values", "bias_values", "position", "filter", "whole_map", "speed", "shown", "large",
];
const SPEEDS = [0.5, 1, 2, 4, 8, 16, 60];

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const state = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    let solved = null;
    let pointed = null; // what the pointer or the focus is on: { on: "input" | "kernel" | "output" | "term", … }
    let film = null; // while it plays: { t, last }

    // --- Choices above the picture
    const names = (list) => list.map((name) => [name, words[`preset_${name}`]]);
    const inputs = select(say("input"), [...names(Object.keys(INPUTS)), ["custom", say("preset_custom")]], (name) =>
      set(name === "custom" ? { input_preset: name, input_values: solved.input } : { input_preset: name }));
    const kernels = select(say("kernel"), [...names(Object.keys(KERNELS)), ["custom", say("preset_custom")]], (name) => choosePreset(name));
    const modes = select(say("padding_mode"), ["zeros", "reflect", "replicate", "circular"].map((mode) => [mode, say(`mode_${mode}`)]), (mode) => set({ padding_mode: mode }));
    const bias = checkbox(say("bias"), (use_bias) => set({ use_bias }));
    const apart = checkbox(say("apart"), (on) => {
      const widths = ["kernel", "padding", "stride", "dilation"].map((name) => [`${name}_w`, model.get(`${name}_h`)]);
      set(on ? { apart: on, ...Object.fromEntries(widths) } : { apart: on });
    });
    const flipped = checkbox(say("flipped"), (on) => set({ flipped: on }));
    const whole = checkbox(say("whole_map"), (whole_map) => set({ whole_map }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reroll = button(say("reroll"), h("span", {}, icon("dice"), ` ${say("reroll")}`), () => set({ seed: solved.seed + 1 }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const choices = { input: inputs, kernel: kernels, padding_mode: modes, bias, apart, flipped, whole_map: whole, large };
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") });
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });

    function choosePreset(name) {
      const presets = Array.from({ length: Math.max(solved.out_channels, solved.kernel_presets.length) }, (_, o) => solved.kernel_presets[o] ?? "custom");
      if (name === "custom") storeFilter(presets, solved.filter);
      else presets[solved.filter] = name;
      set({ kernel_presets: presets });
    }

    /** Make filter o the learner's own, beginning with the values it has. */
    function storeFilter(presets, o, change = () => {}) {
      const stored = structuredClone(model.get("weight_values"));
      while (stored.length <= o) stored.push([]);
      if (presets[o] !== "custom") stored[o] = [];
      solved.weight[o].forEach((rows, c) => rows.forEach((row, r) => row.forEach((value, k) => {
        stored[o][c] ??= [];
        stored[o][c][r] ??= [];
        stored[o][c][r][k] = value;
      })));
      // A filter may hold values outside the part that is shown: fill the gaps that assignment by index would leave.
      stored[o] = Array.from(stored[o], (rows) => Array.from(rows ?? [], (row) => Array.from(row ?? [], (value) => value ?? 0)));
      change(stored[o]);
      presets[o] = "custom";
      set({ weight_values: stored, kernel_presets: presets });
    }

    function editInput(channel, r, c, value) {
      // The cell may have gone while its field was open.
      if (!isInput(r, c) || channel >= solved.in_channels) return;
      const [top, left] = [r - solved.size.padding[0], c - solved.size.padding[1]];
      const stored = solved.input_preset === "custom" ? structuredClone(model.get("input_values")) : [];
      solved.input.forEach((rows, k) => rows.forEach((row, y) => row.forEach((old, x) => {
        stored[k] ??= [];
        stored[k][y] ??= [];
        stored[k][y][x] = old;
      })));
      stored[channel][top][left] = value;
      const whole = stored.map((rows) => Array.from(rows, (row) => Array.from(row, (old) => old ?? 0)));
      set({ input_preset: "custom", input_values: whole });
    }

    function editWeight(plane, r, c, value) {
      const presets = Array.from({ length: solved.out_channels }, (_, o) => solved.kernel_presets[o] ?? "custom");
      const { size, flipped } = solved;
      if (plane >= solved.perGroup || r >= size.kernel[0] || c >= size.kernel[1]) return;
      const [row, column] = flipped ? [size.kernel[0] - 1 - r, size.kernel[1] - 1 - c] : [r, c];
      storeFilter(presets, solved.filter, (filter) => (filter[plane][row][column] = value));
    }

    // --- The picture
    const isInput = (r, c) => {
      const [ph, pw] = solved.size.padding;
      return r >= ph && c >= pw && r < ph + solved.input_h && c < pw + solved.input_w;
    };
    const inputGrids = [], kernelGrids = [], mapGrids = [];
    const stage = h("div", { class: "cl-stage" });
    const planesBox = h("div", { class: "cl-planes" });
    const mapsBox = h("div", { class: "cl-maps" });
    stage.append(planesBox, h("div", { class: "cl-sign", "aria-hidden": "true" }, "→"), mapsBox);

    const point = (what) => {
      pointed = what;
      draw();
    };
    const inputGrid = (channel) => {
      const grid = new Grid(words, "input", {
        point: (cell) => point(cell && { on: "input", channel, ...cell }),
        press: (cell) => isInput(cell.r, cell.c) && !dragged,
        edit: (r, c, value) => editInput(channel, r, c, value),
      });
      let dragging = null;
      let dragged = false;
      // Inside the window a drag moves the window; elsewhere the page scrolls as usual.
      grid.grid.addEventListener("pointerdown", (event) => {
        const cell = event.target.closest(".cl-tap, .cl-gap");
        dragged = false;
        if (!cell || solved.wrong || !event.isPrimary) return;
        const [r, c] = [Number(cell.dataset.r), Number(cell.dataset.c)];
        dragging = { r: r - solved.position[0] * solved.size.stride[0], c: c - solved.position[1] * solved.size.stride[1] };
        if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
      });
      grid.grid.addEventListener("pointermove", (event) => {
        if (!dragging) return;
        if (event.buttons === 0) return void (dragging = null);
        const box = grid.body.getBoundingClientRect();
        const side = box.width / grid.columns;
        const [r, c] = [(event.clientY - box.top) / side, (event.clientX - box.left) / side];
        const to = clampPosition(solved, [
          Math.round((Math.floor(r) - dragging.r) / solved.size.stride[0]), Math.round((Math.floor(c) - dragging.c) / solved.size.stride[1]),
        ]);
        if (String(to) !== String(solved.position)) {
          dragged = true;
          drag(to);
        }
      });
      document.addEventListener("pointerup", () => (dragging = null), { signal });
      return grid;
    };
    const kernelGrid = (i) => new Grid(words, "kernel", {
      point: (cell) => point(cell && { on: "kernel", plane: i, ...cell }),
      edit: (r, c, value) => editWeight(i, r, c, value),
    });
    const mapGrid = (o) => {
      const grid = new Grid(words, "output", {
        point: (cell) => point(cell && { on: "output", filter: o, ...cell }),
        press: ({ r, c }) => (set({ position: [r, c], filter: o }), false),
        move: (r, c) => set({ position: [r, c], filter: o }),
      });
      // A pressed pointer drawn over the map takes the window along.
      grid.grid.addEventListener("pointermove", (event) => {
        const cell = event.buttons === 1 && document.elementFromPoint(event.clientX, event.clientY)?.closest?.("[data-r]");
        if (cell && grid.grid.contains(cell)) drag([Number(cell.dataset.r), Number(cell.dataset.c)], o);
      });
      grid.grid.addEventListener("pointerdown", (event) => event.target.releasePointerCapture?.(event.pointerId));
      return grid;
    };

    /** Take the window along with a pressed pointer, which then points at nothing. */
    function drag(to, filter) {
      pointed = null;
      go(to, filter);
    }
    function go([r, c], filter = solved.filter) {
      if (solved.position[0] === r && solved.position[1] === c && solved.filter === filter) return;
      set({ position: [r, c], filter });
    }

    // --- The film
    const count = () => solved.axes[0].output * solved.axes[1].output;
    const indexOf = () => solved.position[0] * solved.axes[1].output + solved.position[1];
    const toIndex = (index) => {
      const i = Math.min(Math.max(index, 0), count() - 1);
      go([Math.floor(i / solved.axes[1].output), i % solved.axes[1].output]);
    };
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const playLabel = () => say(film ? "pause" : "play");
    const [playIcon, pauseIcon] = [icon("play"), icon("pause")];
    const play = button(say("play"), playIcon, () => (film ? stop() : start()));
    const track = h("input", { type: "range", min: 0, "aria-label": say("position"), oninput: () => (stop(), toIndex(Number(track.value))) });
    const speed = select(say("speed"), SPEEDS.map((s) => [String(s), say("per_second", { speed: s })]), (value) => set({ speed: Number(value) }));
    const filmButtons = [
      button(say("to_start"), icon("start"), () => (stop(), toIndex(0))), button(say("step_back"), icon("back"), () => (stop(), toIndex(indexOf() - 1))), play,
      button(say("step_forward"), icon("forward"), () => (stop(), toIndex(indexOf() + 1))), button(say("to_end"), icon("end"), () => (stop(), toIndex(count() - 1))),
    ];
    const counter = h("span", { class: "cl-counter" });
    const filmBar = h("div", { class: "cl-bar cl-film", role: "group", "aria-label": say("film") }, ...filmButtons, track, counter, speed.element);

    function start() {
      if (solved.wrong) return;
      if (indexOf() === count() - 1) toIndex(0);
      film = { t: indexOf(), last: null };
      draw();
      requestAnimationFrame(tick);
    }
    function stop() {
      if (!film) return;
      film = null;
      draw();
    }
    function tick(now) {
      if (!film || signal?.aborted || !el.isConnected) return void (film = null);
      film.t += film.last === null ? 0 : (Math.min(now - film.last, 250) / 1000) * solved.speed;
      film.last = now;
      if (solved.wrong || film.t >= count() - 1 + 0.5) {
        if (!solved.wrong) toIndex(count() - 1);
        return stop();
      }
      const { index, top, left } = glide(solved, film.t);
      if (index !== indexOf()) toIndex(index);
      if (!still.matches) glideTo(top, left);
      requestAnimationFrame(tick);
    }
    function glideTo(top, left) {
      const [height, width] = solved.axes.map((a) => a.effective);
      for (const channel of channelsOf(solved, solved.filter)) inputGrids[channel].frame({ top, left, height, width });
    }
    const onScreen = new IntersectionObserver(([entry]) => !entry.isIntersecting && stop());
    onScreen.observe(el);
    signal?.addEventListener("abort", () => onScreen.disconnect());

    // --- The words below the picture
    const sums = h("div", { class: "cl-sums" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const hint = h("div", { class: "cl-hint" });
    const legend = h("div", { class: "cl-legend" });
    const told = h("div", { class: "cl-told" }, legend, hint);
    const swatch = (kind, key) => h("span", { class: "cl-key" }, h("span", { class: `cl-cell ${kind}`, "aria-hidden": "true" }), say(key));
    const keys = [
      [swatch("cl-tap", "key_tap"), () => !solved.wrong],
      [swatch("cl-gap", "key_gap"), () => !solved.wrong && Math.max(...solved.size.dilation) > 1],
      [swatch("cl-pad", "key_pad"), () => Math.max(...solved.size.padding) > 0],
      [swatch("cl-unreached", "key_unreached"), () => solved.axes.some((a) => a.unreached.length > 0)],
      [h("span", {}, say("key_edit")), () => true],
      [h("span", {}, say("key_map")), () => solved.out_channels > 1],
    ];
    const formulas = h("div", { class: "cl-formulas", role: "group", "aria-label": say("formula") });
    const dropped = h("div", { class: "cl-dropped" });
    const line = codeLine(words, say("code"));
    const shapes = h("span", { class: "cl-shapes" });
    const parameters = h("span");
    line.element.append(h("span", {}, `${say("axes")} `, shapes), parameters);

    sums.addEventListener("pointerover", (event) => {
      const term = event.target.closest("[data-plane]");
      point(term && { on: "term", plane: Number(term.dataset.plane), r: Number(term.dataset.r), c: Number(term.dataset.c) });
    });
    sums.addEventListener("pointerleave", () => point(null));

    const biasFields = [];
    const biasField = (o) => h("input", {
      class: "cl-entry cl-bias", inputmode: "decimal", size: 4, autocomplete: "off",
      onchange: (event) => {
        const number = parse(event.target.value);
        event.target.setCustomValidity(Number.isFinite(number) ? "" : say("edit_bad", { text: event.target.value }));
        if (!event.target.reportValidity()) return;
        const values = Array.from({ length: Math.max(solved.out_channels, solved.bias_values.length) }, (_, k) => solved.bias_values[k] ?? 0);
        values[o] = number;
        set({ bias_values: values });
      },
      onkeydown: (event) => event.stopPropagation(),
    });

    el.replaceChildren(bar, message, stage, told, filmBar, sums, live, formulas, dropped, line.element);

    // --- Showing it all
    let drawnFor = null; // the traits that `solved` was worked out from
    function draw() {
      const s = state();
      const key = TRAITS.filter((name) => name !== "position" && name !== "filter").map((name) => s[name]);
      if (!drawnFor || key.some((value, i) => value !== drawnFor[i])) {
        solved = solve(s);
        drawnFor = key;
        layout(s);
      }
      solved.filter = Math.min(s.filter, s.out_channels - 1);
      if (!solved.wrong) solved.position = clampPosition(solved, s.position);
      else film = null;
      paint();
    }

    /** What follows from sizes and choices, not from where the window stands. */
    function layout(s) {
      const has = (name) => s.shown.includes(name);
      setChildren(bar, [
        ...CONTROLS.filter(has).map((name) => choices[name].element), ...(s.input_preset === "random" || s.kernel_presets.includes("random") ? [reroll] : []),
        ...(has("reset") ? [reset] : []),
      ]);
      inputs.set(s.input_preset);
      modes.set(s.padding_mode);
      for (const [control, name] of [[bias, "use_bias"], [apart, "apart"], [flipped, "flipped"], [whole, "whole_map"], [large, "large"]]) control.set(s[name]);
      speed.set(String(s.speed));
      message.hidden = !solved.wrong;
      if (solved.wrong) setText(message, `${explain(solved.wrong)} ${advise(mends(s))}`);
      while (inputGrids.length < s.in_channels) inputGrids.push(inputGrid(inputGrids.length));
      while (kernelGrids.length < solved.perGroup) kernelGrids.push(kernelGrid(kernelGrids.length));
      while (mapGrids.length < s.out_channels) mapGrids.push(mapGrid(mapGrids.length));
      while (biasFields.length < s.out_channels) biasFields.push(biasField(biasFields.length));
      const square = !s.apart && s.input_h === s.input_w;
      const letters = square ? [""] : ["h", "w"];
      patch(formulas, h("div", {}, ...letters.map((letter, i) => formula(letter, solved.axes[i], { dilation: has("dilation") }))));
      const left = solved.axes.map(({ padded, effective, stride, leftOver }, i) =>
        leftOver && !solved.wrong ? say(`left_over_${"hw"[i]}`, { padded, effective, stride, count: leftOver }) : "");
      setText(dropped, left.filter(Boolean).join("\n"));
      setChildren(legend, keys.filter(([, applies]) => applies()).map(([key]) => key));
      line.set(code(solved));
      const [C, H, W, O] = [s.in_channels, s.input_h, s.input_w, s.out_channels];
      setText(shapes, `(1, ${C}, ${H}, ${W}) → ${solved.wrong ? say("no_output") : `(1, ${O}, ${solved.axes[0].output}, ${solved.axes[1].output})`}`);
      const weights = solved.weight.flat(3).length;
      setText(parameters, say(s.use_bias ? "parameters_bias" : "parameters", { weights, bias: O, count: weights + O }));
      fitCells();
    }

    const explain = ({ key, values: { side, ...values } }) => say(key, { side: side && say(`side_${side}`), ...values });
    const advise = (changes) => {
      const named = changes.map(({ trait, value }) => say("mend_one", { name: words[`slider_${trait}`] ?? say(trait), value }));
      return say("mend", { changes: named.join(say("mend_or")) });
    };

    let width = el.clientWidth || 800;
    /** The largest cells with which all is seen at once. */
    function fitCells() {
      const { cell, mapCell, dense, below, flow } = layOut(solved, width, solved.large ? 24 : 16); // --cl-size of base.css
      stage.style.setProperty("--cell", `${cell}px`);
      mapsBox.style.setProperty("--cell", `${mapCell}px`);
      stage.classList.toggle("cl-dense", dense);
      stage.classList.toggle("cl-below", below);
      sums.classList.toggle("cl-flow", flow);
    }
    const resized = new ResizeObserver(([{ contentRect }]) => {
      width = contentRect.width;
      fitCells();
    });
    resized.observe(el);
    signal?.addEventListener("abort", () => resized.disconnect());

    /** What follows from where the window stands and where the pointer is. */
    function paint() {
      const { axes, wrong, size } = solved;
      const looking = pointed?.on === "output" && !wrong && pointed.r < axes[0].output && pointed.c < axes[1].output ? pointed : null;
      const o = looking ? Math.min(looking.filter, solved.out_channels - 1) : solved.filter;
      const [row, column] = looking ? [looking.r, looking.c] : (wrong ? [0, 0] : solved.position);
      const now = wrong ? null : windowAt(solved, o, row, column);
      const channels = channelsOf(solved, o);
      const [top, left] = [row * axes[0].stride, column * axes[1].stride];
      const tapAt = (r, c) => {
        const [i, j] = [(r - top) / size.dilation[0], (c - left) / size.dilation[1]];
        return Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < size.kernel[0] && j < size.kernel[1] ? [i, j] : null;
      };
      const lit = { input: null, kernel: null, fed: null, swept: null };
      if (pointed && !wrong) {
        if (pointed.on === "term" || pointed.on === "kernel") {
          lit.kernel = pointed;
          lit.input = { channel: channels[pointed.plane], r: top + pointed.r * size.dilation[0], c: left + pointed.c * size.dilation[1] };
          if (pointed.on === "kernel") lit.swept = pointed;
        } else if (pointed.on === "input") {
          lit.fed = new Set(fedBy(solved, pointed.r, pointed.c));
          lit.input = pointed;
          const tap = channels.includes(pointed.channel) ? tapAt(pointed.r, pointed.c) : null;
          if (tap) lit.kernel = { plane: channels.indexOf(pointed.channel), r: tap[0], c: tap[1] };
        }
      }
      const [unreachedRows, unreachedColumns] = axes.map((a) => new Set(a.unreached));
      const sweptBy = (r, c, { r: i, c: j }) => {
        const [y, x] = [(r - i * size.dilation[0]) / axes[0].stride, (c - j * size.dilation[1]) / axes[1].stride];
        return Number.isInteger(y) && Number.isInteger(x) && y >= 0 && x >= 0 && y < axes[0].output && x < axes[1].output;
      };

      setChildren(planesBox, solved.padded.map((values, channel) => {
        const grid = inputGrids[channel];
        const i = channels.indexOf(channel);
        const used = i >= 0 && !wrong;
        const [inside, outside] = [`${solved.input_h}×${solved.input_w}`, `${values.length}×${values[0].length}`];
        const about = !used && !wrong ? say("unread") : inside === outside ? inside : say("padded_to", { inside, outside });
        setText(grid.caption, `${solved.in_channels > 1 ? say("input_channel", { channel }) : say("input")} (${about})`);
        grid.show(values, grid.caption.textContent, (r, c) => [
          isInput(r, c) ? "" : "cl-pad",
          unreachedRows.has(r) || unreachedColumns.has(c) ? "cl-unreached" : "",
          used && tapAt(r, c) ? "cl-tap" : "",
          used && !tapAt(r, c) && r >= top && c >= left && r < top + axes[0].effective && c < left + axes[1].effective ? "cl-gap" : "",
          used && lit.swept && lit.swept.plane === i && sweptBy(r, c, lit.swept) ? "cl-swept" : "",
          lit.input && lit.input.channel === channel && lit.input.r === r && lit.input.c === c ? "cl-lit" : "",
        ].filter(Boolean).join(" "), (r, c, text) => cellName(r, c, text, unreachedRows.has(r) || unreachedColumns.has(c)), `${size.padding}`);
        grid.frame(used ? { top, left, height: axes[0].effective, width: axes[1].effective } : null);
        grid.element.classList.toggle("cl-unused", !used && !wrong);
        const line = (lines[channel] ??= h("div", { class: "cl-plane" }));
        const parts = [grid.element];
        if (i >= 0) {
          const kernelPanel = kernelGrids[i];
          setText(kernelPanel.caption, `${say(solved.out_channels > 1 ? "kernel_of" : solved.perGroup > 1 ? "kernel_plane" : "kernel", { filter: o, channel })} (${size.kernel.join("×")})`);
          kernelPanel.show(solved.slid[o][i], kernelPanel.caption.textContent, (r, c) =>
            lit.kernel && lit.kernel.plane === i && lit.kernel.r === r && lit.kernel.c === c ? "cl-lit" : "");
          parts.push((signs[channel] ??= h("div", { class: "cl-sign", "aria-hidden": "true" }, "⊙")), kernelPanel.element);
          if (now && solved.perGroup > 1) {
            const total = (totals[channel] ??= h("div", { class: "cl-total" }));
            setText(total, `${equals(now.planes[i].total)} ${format(now.planes[i].total)}`);
            parts.push(total);
          }
        }
        setChildren(line, parts);
        return line;
      }));

      const shown = (r, c) => solved.whole_map || r * axes[1].output + c <= indexOf() || (looking && looking.r === r && looking.c === c);
      setChildren(mapsBox, wrong ? [nothing] : solved.output.map((values, k) => {
        const grid = mapGrids[k];
        setText(grid.caption, `${solved.out_channels > 1 ? say("map_of", { filter: k }) : say("output")} (${axes[0].output}×${axes[1].output})`);
        grid.show(values.map((cells, r) => cells.map((value, c) => (shown(r, c) ? value : null))), grid.caption.textContent, (r, c) => [
          k === o && r === row && c === column ? "cl-now" : "",
          lit.fed?.has(`${r},${c}`) && (pointed.on !== "input" || channelsOf(solved, k).includes(pointed.channel)) ? "cl-lit" : "",
          shown(r, c) ? "" : "cl-empty",
        ].filter(Boolean).join(" "));
        if (k === solved.filter && (grid.at.r !== solved.position[0] || grid.at.c !== solved.position[1])) {
          if (grid.grid.contains(document.activeElement)) grid.focus({ r: solved.position[0], c: solved.position[1] });
          else grid.rove({ r: solved.position[0], c: solved.position[1] });
        }
        return grid.element;
      }));

      kernels.set(solved.kernel_presets[solved.filter] ?? "custom");
      for (const control of [...filmButtons, track]) control.disabled = Boolean(wrong);
      setText(counter, wrong ? "" : `${indexOf() + 1} / ${count()}`);
      track.max = wrong ? 0 : count() - 1;
      track.value = wrong ? 0 : indexOf();
      if (!wrong) track.setAttribute("aria-valuetext", say("at", { row: solved.position[0], column: solved.position[1] }));
      setChildren(play, [film ? pauseIcon : playIcon]);
      if (play.ariaLabel !== playLabel()) play.ariaLabel = play.title = playLabel();
      write(now, o, row, column, lit);
      legend.classList.toggle("cl-away", Boolean(lit.fed || lit.swept));
      setText(hint, wrong ? "" : lit.fed ? (lit.fed.size ? say("feeds", { count: lit.fed.size }) : say("feeds_none")) : lit.swept ? say("swept") : "");
    }
    const lines = [], totals = [], signs = [];
    const nothing = h("div", { class: "cl-caption" }, say("no_output"));

    function cellName(r, c, text, unreached) {
      const [ph, pw] = solved.size.padding;
      const place = isInput(r, c) ? say("cell", { row: r - ph, column: c - pw, value: text }) : say("cell_padding", { value: text });
      return unreached ? `${place}, ${say("unreached")}` : place;
    }

    /** The arithmetic of one window, written out: products as they stand in the kernel, sums of planes, bias, output. */
    function write(now, o, row, column, lit) {
      if (!now) {
        sums.replaceChildren();
        setText(live, ""); // the message above is an alert of its own
        return;
      }
      const bracket = (value) => (value < 0 ? `(${format(value)})` : format(value));
      const several = now.planes.length > 1;
      const letter = several ? now.planes.map(({ total }) => total) : [];
      sums.setAttribute("role", "group");
      sums.setAttribute("aria-label", say("arithmetic"));
      const blocks = now.planes.map((one, p) => {
        const block = (sumBlocks[p] ??= { rows: h("div", { class: "cl-terms" }), head: h("span", { class: "cl-caption" }), total: h("span", { class: "cl-result" }), terms: [] });
        block.element ??= h("div", { class: "cl-sum" }, block.head, block.rows, block.total);
        const flat = one.terms.flat();
        const width = one.terms[0].length;
        while (block.terms.length < flat.length) block.terms.push(h("span", { class: "cl-product" }));
        setChildren(block.rows, block.terms.slice(0, flat.length));
        block.rows.style.setProperty("--columns", width);
        flat.forEach(({ x, w }, k) => {
          const term = block.terms[k];
          setText(term, `${k ? "+ " : ""}${bracket(x)}×${bracket(w)}`);
          const [r, c] = [Math.floor(k / width), k % width];
          Object.assign(term.dataset, { plane: p, r, c });
          term.classList.toggle("cl-lit", Boolean(lit.kernel && lit.kernel.plane === p && lit.kernel.r === r && lit.kernel.c === c));
        });
        block.head.hidden = !several;
        setText(block.head, say("plane", { channel: one.channel }));
        block.total.hidden = !several && !solved.use_bias;
        setText(block.total, `${equals(...flat.flatMap(({ x, w }) => [x, w]), one.total)} ${format(one.total)}`);
        return block.element;
      });
      const values = several ? letter.map(bracket).join(" + ") : format(now.total);
      const biasPart = solved.use_bias || now.bias ? ` + ${say("bias_short")} ` : "";
      final.before.textContent = `${say("output_at", { row, column })}${several || biasPart ? ` ${equals(...letter, now.total)} ${values}` : ""}${biasPart}`;
      const field = biasFields[o];
      if (document.activeElement !== field) field.value = format(now.bias);
      if (field.ariaLabel !== say("bias_of", { filter: o })) field.ariaLabel = say("bias_of", { filter: o });
      setText(final.after, `${equals(...letter, now.total, now.bias, now.value)} ${format(now.value)}`);
      setChildren(final.element, solved.use_bias ? [final.before, field, final.after] : [final.before, final.after]);
      let both = [];
      if (solved.flipped || solved.shown.includes("flipped")) {
        const cross = windowAt(solved, o, row, column, solved.weight).value;
        const turned = windowAt(solved, o, row, column, solved.weight.map((filter) => filter.map(flip))).value;
        const key = solved.use_bias ? "both_bias" : "both";
        setText(final.both, say(key, { cross: `${equals(cross)} ${format(cross)}`, convolution: `${equals(turned)} ${format(turned)}` }));
        both = [final.both];
      }
      setChildren(sums, [...blocks, final.element, ...both]);
      if (!film) {
        const spoken = now.planes.map((one) => one.terms.flat().map(({ x, w }) => `${bracket(x)}×${bracket(w)}`).join(" + ")).join(" + ");
        setText(live, say(solved.use_bias ? "spoken_bias" : "spoken", { row, column, products: spoken, bias: format(now.bias), value: format(now.value), equals: equals(now.value) }));
      }
    }
    const sumBlocks = [];
    const final = { element: h("div", { class: "cl-final" }), before: h("span"), after: h("b", { class: "cl-value" }), both: h("div", { class: "cl-both" }) };

    mount({ model, el, signal }, draw, (trait) => {
      if (["kernel_w", "padding_w", "stride_w", "dilation_w"].includes(trait)) return !model.get("apart");
      return false;
    });
  },
};
