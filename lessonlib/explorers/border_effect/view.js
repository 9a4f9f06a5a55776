// The border effect: one corner of a photograph under the same kernel, with each padding mode. base.js stands in front of this file.

const SMALLEST = 22; // pixels of a cell whose number can be read
const SIDE = 16; // pixels of the output that are shown of a corner
export const MODES = ["zeros", "reflect", "replicate", "circular"];
const CORNERS = ["top_left", "top_right", "bottom_left", "bottom_right"];

/** Where a corner of the output begins. */
export function startOf(corner, [height, width]) {
  return [corner.startsWith("bottom") ? height - SIDE : 0, corner.endsWith("right") ? width - SIDE : 0];
}

/** The outermost pixel of a corner. */
export function outermost(corner) {
  return [corner.startsWith("bottom") ? SIDE - 1 : 0, corner.endsWith("right") ? SIDE - 1 : 0];
}

/** The window of an output pixel: rows of { value, padding }. */
export function windowOf(pixels, [height, width], size, mode, [row, column]) {
  const padding = (size - 1) / 2;
  const inside = (at, length) => at >= padding && at < padding + length;
  return plane(size, size, (i, j) => {
    const [y, x] = [source(row + i, height, padding, mode), source(column + j, width, padding, mode)];
    const value = y < 0 || x < 0 ? 0 : pixels[y * width + x];
    return { value, padding: !(inside(row + i, height) && inside(column + j, width)) };
  });
}

/** The corner of the output, SIDE × SIDE. */
export function cornerOf(pixels, [height, width], weight, mode, corner) {
  const [top, left] = startOf(corner, [height, width]);
  const padding = (weight.length - 1) / 2;
  const rows = Array.from({ length: SIDE + weight.length - 1 }, (_, i) => source(top + i, height, padding, mode));
  const columns = Array.from({ length: SIDE + weight.length - 1 }, (_, i) => source(left + i, width, padding, mode));
  return plane(SIDE, SIDE, (r, c) => {
    let total = 0;
    for (let i = 0; i < weight.length; i++) {
      const y = rows[r + i];
      for (let j = 0; j < weight.length; j++) if (y >= 0 && columns[c + j] >= 0) total += weight[i][j] * pixels[y * width + columns[c + j]];
    }
    return total;
  });
}

/** The values shown as black and as white, the same for all modes; 0 is grey where the weights sum to 0. */
export function shadeRange(weight, corners) {
  const total = sum(weight.flat());
  if (total > 1e-9) return [0, 255 * total];
  const largest = Math.max(1, ...corners.flat(2).map(Math.abs));
  return [-largest, largest];
}

/** Everything that does not depend on the pixel pointed at. */
export function solve(pixels, size, s) {
  const weight = kernel(s.kernel_preset, [s.kernel_size, s.kernel_size]);
  const corners = MODES.map((mode) => cornerOf(pixels, size, weight, mode, s.corner));
  return { weight, corners, range: shadeRange(weight, corners) };
}

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const NAMES = ["picture", "kernel_preset", "kernel_size", "corner"];
    const state = () => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    const decoded = new Map(); // data URL → { pixels, rgba, size }
    let now = null;
    let known = "";
    let hovered = null;
    let width = 900;

    const pictures = select(say("picture"), Object.keys(model.get("pictures")).map((name) => [name, say(`picture_${name}`)]), (name) => set({ picture: name }));
    const kernels = select(say("kernel"), Object.keys(KERNELS).map((name) => [name, say(`preset_${name}`)]), (name) => set({ kernel_preset: name }));
    const corners = select(say("corner"), CORNERS.map((name) => [name, say(`corner_${name}`)]), (name) => set({ corner: name, position: outermost(name) }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => set(model.get("origin")));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") }, pictures.element, kernels.element, corners.element, large.element, reset);

    const photo = h("canvas", { role: "img", "aria-label": say("photo") });
    const spot = h("div", { class: "cl-bor-spot", "aria-hidden": "true" });
    const credit = h("div", { class: "cl-note cl-bor-small" });
    const kernelGrid = new Grid(words, "kernel");
    const photoPanel = h("div", { class: "cl-panel cl-bor-photo" }, h("div", { class: "cl-caption" }, say("photo")), h("div", { class: "cl-bor-frame cl-bor-input" }, photo, spot), credit);

    const position = () => model.get("position");
    const look = (place) => {
      if (String(place) === String(hovered)) return;
      hovered = place;
      if (now) paint();
    };
    const panels = MODES.map((mode) => {
      const canvas = h("canvas", { width: SIDE, height: SIDE, role: "application", tabindex: 0, "aria-label": say("corner_point", { mode: say(`mode_${mode}`) }) });
      const mark = h("div", { class: "cl-bor-mark", "aria-hidden": "true" });
      const bands = [h("div", { class: "cl-bor-band", "aria-hidden": "true" }), h("div", { class: "cl-bor-band", "aria-hidden": "true" })];
      const at = (event) => {
        const box = canvas.getBoundingClientRect();
        const along = (from, length) => Math.min(SIDE - 1, Math.max(0, Math.floor((from / length) * SIDE)));
        return [along(event.clientY - box.top, box.height), along(event.clientX - box.left, box.width)];
      };
      canvas.addEventListener("pointerdown", (event) => {
        if (!event.isPrimary) return;
        canvas.setPointerCapture(event.pointerId);
        set({ position: at(event) });
      });
      canvas.addEventListener("pointermove", (event) => {
        if (event.buttons === 1) set({ position: at(event) });
        else if (event.pointerType === "mouse") look(at(event));
      });
      canvas.addEventListener("pointerleave", () => look(null));
      canvas.addEventListener("keydown", (event) => {
        const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -SIDE], End: [0, SIDE] };
        if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
        // JupyterLab has keys of its own on the cell around.
        event.preventDefault();
        event.stopPropagation();
        hovered = null;
        set({ position: position().map((i, k) => Math.min(SIDE - 1, Math.max(0, i + steps[event.key][k]))) });
      });
      const grid = new Grid(words, "input");
      const total = h("b");
      const element = h("div", { class: "cl-bor-mode" }, h("div", { class: "cl-caption" }, say(`mode_${mode}`)),
        h("div", { class: "cl-bor-frame cl-bor-output" }, canvas, ...bands, mark), grid.element, h("div", { class: "cl-bor-total" }, "⊙ K = ", total));
      return { mode, canvas, mark, bands, grid, total, element };
    });
    const sentence = h("div", { class: "cl-bor-sentence" });
    const scale = h("div", { class: "cl-note cl-bor-small" });
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const line = codeLine(words, say("code"));
    el.replaceChildren(bar, h("div", { class: "cl-bor-stage" }, h("div", { class: "cl-bor-start" }, photoPanel, kernelGrid.element), ...panels.map(({ element }) => element)), sentence, scale, live, line.element);

    /** The picture to show, or null while it is being decoded. */
    function current(name) {
      const url = model.get("pictures")[name];
      if (!decoded.has(url)) {
        decoded.set(url, null);
        const image = h("img", { src: url });
        image.decode().then(() => {
          const canvas = h("canvas", { width: image.naturalWidth, height: image.naturalHeight });
          const context = canvas.getContext("2d", { willReadFrequently: true });
          context.drawImage(image, 0, 0);
          const rgba = context.getImageData(0, 0, canvas.width, canvas.height);
          const pixels = Float64Array.from({ length: canvas.width * canvas.height }, (_, i) => rgba.data[4 * i]);
          decoded.set(url, { pixels, rgba, size: [canvas.height, canvas.width] });
          schedule();
        });
      }
      return decoded.get(url);
    }

    function draw() {
      const s = state();
      const picture = current(s.picture);
      if (!picture) return;
      const key = JSON.stringify(s);
      if (key !== known) {
        now = { s, picture, ...solve(picture.pixels, picture.size, s) };
        known = key;
        fitCells(); // reads styles, so before anything is written
        frame(s);
      } else fitCells();
      large.set(model.get("large"));
      paint();
    }

    /** A window as wide as its corner; on a narrow page two side by side, if their numbers can still be read. */
    function fitCells() {
      const em = parseFloat(getComputedStyle(el).fontSize);
      const half = (width - 2.2 * em) / 2;
      const wide = Math.floor(Math.min(11 * em, half / now.s.kernel_size < SMALLEST ? width - em : half));
      const put = (element, name, value) => element.style.getPropertyValue(name) !== value && element.style.setProperty(name, value);
      put(el, "--bor-width", `${wide}px`);
      put(el, "--cell", `${Math.floor((2 * Math.min(2.6 * em, wide / now.s.kernel_size))) / 2}px`);
      put(kernelGrid.element, "--cell", `${Math.floor(Math.min(2.2 * em, (width - em) / now.s.kernel_size))}px`);
    }
    const resized = new ResizeObserver(([{ contentRect }]) => {
      width = contentRect.width;
      if (now) fitCells();
    });
    resized.observe(el);
    signal?.addEventListener("abort", () => resized.disconnect());

    function frame(s) {
      for (const [control, name] of [[pictures, "picture"], [kernels, "kernel_preset"], [corners, "corner"]]) control.set(s[name]);
      const [height, width] = now.picture.size;
      if (photo.shown !== now.picture) {
        Object.assign(photo, { width, height, shown: now.picture });
        photo.getContext("2d").putImageData(now.picture.rgba, 0, 0);
      }
      const [top, left] = startOf(s.corner, now.picture.size);
      const percent = (value) => `${(100 * value).toFixed(2)}%`;
      spot.style.cssText = `top: ${percent(top / height)}; left: ${percent(left / width)}; width: ${percent(SIDE / width)}; height: ${percent(SIDE / height)};`;
      setText(credit, model.get("credits")[s.picture] ?? "");
      setText(kernelGrid.caption, say("kernel"));
      kernelGrid.show(now.weight, say("kernel"));
      const [low, high] = now.range;
      const padding = (s.kernel_size - 1) / 2;
      panels.forEach(({ canvas, bands }, m) => {
        const rgba = new Uint8ClampedArray(4 * SIDE * SIDE).fill(255);
        now.corners[m].flat().forEach((value, i) => rgba.fill((255 * (value - low)) / (high - low), 4 * i, 4 * i + 3));
        canvas.getContext("2d").putImageData(new ImageData(rgba, SIDE, SIDE), 0, 0);
        // Windows beyond these two lines read no padding.
        const [y, x] = [s.corner.startsWith("bottom") ? SIDE - padding : padding, s.corner.endsWith("right") ? SIDE - padding : padding];
        bands[0].style.cssText = `left: 0; right: 0; top: ${percent(y / SIDE)}; border-top-width: 2px;`;
        bands[1].style.cssText = `top: 0; bottom: 0; left: ${percent(x / SIDE)}; border-left-width: 2px;`;
      });
      setText(scale, say("scale", { low: format(low), high: format(high), padding }));
      line.set(`nn.Conv2d(1, 1, ${s.kernel_size}, padding=${padding}, padding_mode="zeros", bias=False)`);
    }

    function paint() {
      const { s, picture, weight } = now;
      const [row, column] = hovered ?? position();
      const [top, left] = startOf(s.corner, picture.size);
      const totals = panels.map(({ mode, mark, grid, total }) => {
        const cells = windowOf(picture.pixels, picture.size, s.kernel_size, mode, [top + row, left + column]);
        mark.style.cssText = `top: ${(100 * row) / SIDE}%; left: ${(100 * column) / SIDE}%;`;
        grid.show(cells.map((line) => line.map(({ value }) => value)), say("window", { mode: say(`mode_${mode}`) }), (r, c) => (cells[r][c].padding ? "cl-pad" : ""));
        const value = sum(cells.flatMap((line, i) => line.map(({ value }, j) => value * weight[i][j])));
        setText(total, format(value));
        return { value, padded: sum(cells.flat().map(({ padding }) => Number(padding))) };
      });
      const { padded } = totals[0];
      const values = { row: top + row, column: left + column, padded, cells: s.kernel_size ** 2 };
      setText(sentence, say(padded ? "reads_padding" : "no_padding", values));
      const list = MODES.map((mode, m) => `${say(`mode_${mode}`)} ${format(totals[m].value)}`).join(", ");
      setText(live, `${sentence.textContent} ${list}`);
    }

    const schedule = mount({ model, el, signal }, draw);
  },
};
