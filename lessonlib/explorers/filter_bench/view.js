// The filter bench: a photograph under a kernel. Planes are flat arrays of pixels, row after row, of 0 … 255.

const SIDE = 256; // pixels of a learner's own picture

/** The grey of a pixel, rounded as Pillow and filter_bench.py round it. */
export function grey(r, g, b) {
  return (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
}

/** Pixels as a canvas gives them (r, g, b, a, r, …) → one plane, or three in colour. */
export function planesOf(rgba, color) {
  const count = rgba.length / 4;
  if (color) return [0, 1, 2].map((c) => Float64Array.from({ length: count }, (_, i) => rgba[4 * i + c]));
  return [Float64Array.from({ length: count }, (_, i) => grey(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]))];
}

/** The kernel that a state stands for. */
export function weightOf(s) {
  const size = s.kernel_size;
  return s.kernel_preset === "custom" ? plane(size, size, (r, c) => s.weight_values[r]?.[c] ?? 0) : kernel(s.kernel_preset, [size, size]);
}

/** Every plane padded and put through the kernel: { planes, size }. */
export function filtered(planes, [h, w], weight, { stride, padding, padding_mode }) {
  const [oh, ow] = [h, w].map((length) => axis(length, weight.length, stride, padding).output);
  const width = w + 2 * padding;
  const taps = weight.flatMap((row, i) => row.map((value, j) => ({ value, at: i * width + j }))).filter(({ value }) => value !== 0);
  while (taps.length % 4) taps.push({ value: 0, at: 0 });
  const outputs = planes.map((pixels) => {
    const padded = padFlat(pixels, [h, w], padding, padding_mode);
    const output = new Float64Array(oh * ow);
    // Row by row and four weights at a time: three channels of 256 × 256 pixels in less than a frame.
    for (let y = 0; y < oh; y++) {
      const top = y * stride * width;
      for (let k = 0; k < taps.length; k += 4) {
        const [{ value: v0, at: a0 }, { value: v1, at: a1 }, { value: v2, at: a2 }, { value: v3, at: a3 }] = taps.slice(k, k + 4);
        for (let x = 0, to = y * ow, from = top; x < ow; x++, to++, from += stride) {
          output[to] += v0 * padded[from + a0] + v1 * padded[from + a1] + v2 * padded[from + a2] + v3 * padded[from + a3];
        }
      }
    }
    return output;
  });
  return { planes: outputs, size: [oh, ow] };
}

function padFlat(pixels, [h, w], padding, mode) {
  const width = w + 2 * padding;
  const padded = new Float64Array((h + 2 * padding) * width);
  for (let r = 0; r < h + 2 * padding; r++) {
    const y = source(r, h, padding, mode);
    if (y < 0) continue;
    padded.set(pixels.subarray(y * w, (y + 1) * w), r * width + padding);
    for (let side = 0; side < padding; side++) {
      for (const c of [side, width - 1 - side]) {
        const x = source(c, w, padding, mode);
        if (x >= 0) padded[r * width + c] = pixels[y * w + x];
      }
    }
  }
  return padded;
}

/** What the loupe shows of one plane: the window's values, which of them are padding, the sum of products. */
export function loupe(pixels, [h, w], weight, s, [row, column]) {
  const inside = (r, c) => r >= 0 && c >= 0 && r < h && c < w;
  const cells = weight.map((line, i) => line.map((_, j) => {
    const [r, c] = [row * s.stride + i, column * s.stride + j];
    const [y, x] = [source(r, h, s.padding, s.padding_mode), source(c, w, s.padding, s.padding_mode)];
    return { value: y < 0 || x < 0 ? 0 : pixels[y * w + x], padding: !inside(r - s.padding, c - s.padding) };
  }));
  return { cells, total: sum(cells.flatMap((line, i) => line.map(({ value }, j) => value * weight[i][j]))) };
}

/** The values shown as black and as white; a few far larger than the rest do not dim it. */
export function shadeRange(weight, planes, shades) {
  const total = sum(weight.flat());
  if (shades === "auto" && total > 1e-9) return [0, 255 * total];
  let [largest, squares] = [0, 0];
  for (const pixels of planes) {
    for (let i = 0; i < pixels.length; i++) {
      const value = Math.abs(pixels[i]);
      if (value > largest) largest = value;
      squares += value * value;
    }
  }
  largest = Math.ceil(Math.min(largest, 4 * Math.sqrt(squares / (planes.length * planes[0].length))) - 1e-6) || 1;
  return [shades === "absolute" ? 0 : -largest, largest];
}

/** Planes as pixels for a canvas. */
export function paintable(planes, [low, high], absolute) {
  const rgba = new Uint8ClampedArray(4 * planes[0].length).fill(255);
  const scale = 255 / (high - low);
  for (let c = 0; c < 3; c++) {
    const pixels = planes[planes.length === 3 ? c : 0];
    if (absolute) for (let i = 0; i < pixels.length; i++) rgba[4 * i + c] = (Math.abs(pixels[i]) - low) * scale;
    else for (let i = 0; i < pixels.length; i++) rgba[4 * i + c] = (pixels[i] - low) * scale;
  }
  return rgba;
}

/** The output pixel whose window is centred on a pixel of the input. */
export function nearest([y, x], s, [oh, ow]) {
  const along = (at, count) => Math.min(Math.max(Math.round((at + s.padding - (s.kernel_size - 1) / 2) / s.stride), 0), count - 1);
  return [along(y, oh), along(x, ow)];
}

/** nn.Conv2d for this state. */
export function benchCode(s) {
  const parts = s.color ? ["3", "3"] : ["1", "1"];
  parts.push(`kernel_size=${s.kernel_size}`);
  if (s.stride !== 1) parts.push(`stride=${s.stride}`);
  if (s.padding !== 0) parts.push(`padding=${s.padding}`);
  if (s.color) parts.push("groups=3");
  parts.push("bias=False");
  if (s.padding_mode !== "zeros") parts.push(`padding_mode="${s.padding_mode}"`);
  return `nn.Conv2d(${parts.join(", ")})`;
}

const TRAITS = ["picture", "own_picture", "color", "kernel_size", "padding", "stride", "padding_mode", "kernel_preset", "weight_values", "shades", "position", "large"];

export default {
  render({ model, el, signal }) {
    const words = model.get("words");
    const say = (key, values) => fill(words[key] ?? key, values);
    const state = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
    const set = (changes) => choose(model, changes);
    const decoded = new Map(); // data URL → { rgba, size }
    let own = null; // the learner's own picture; it lives here and nowhere else
    let video = null;
    let bench = null; // what is on screen: { s, picture, planes, weight, output, range }
    let hovered = null; // the output pixel that the pointer is on
    let lit = null; // the weight that the pointer is on

    // --- Choices
    const pictures = select(say("picture"), [], (name) => {
      stopCamera();
      if (name !== "own") set({ picture: name, own_picture: false });
      else if (own) set({ own_picture: true });
      else file.click();
      schedule();
    });
    const color = checkbox(say("color"), (on) => set({ color: on }));
    const kernels = select(say("kernel"), [...Object.keys(KERNELS), "custom"].map((name) => [name, say(`preset_${name}`)]), (name) =>
      set(name === "custom" ? { kernel_preset: name, weight_values: bench.weight } : { kernel_preset: name }));
    const modes = select(say("padding_mode"), ["zeros", "reflect", "replicate", "circular"].map((mode) => [mode, say(`mode_${mode}`)]), (mode) => set({ padding_mode: mode }));
    const shades = select(say("shades"), ["auto", "signed", "absolute"].map((name) => [name, say(`shades_${name}`)]), (name) => set({ shades: name }));
    const large = checkbox(say("large"), (on) => set({ large: on }));
    const reset = button(say("reset"), "↺ " + say("reset"), () => (stopCamera(), set({ ...model.get("origin"), own_picture: false })));
    const bar = h("div", { class: "cl-bar", role: "group", "aria-label": say("choices") },
      pictures.element, color.element, kernels.element, modes.element, shades.element, large.element, reset);

    const file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => (open(file.files[0]), (file.value = "")) });
    const camera = button(say("camera"), say("camera"), () => (video ? stopCamera() : startCamera()));
    const ownBar = h("div", { class: "cl-bar" }, button(say("open"), say("open"), () => file.click()), camera, file, h("span", { class: "cl-note" }, say("stays")));
    const message = h("div", { class: "cl-message", role: "alert", hidden: true });
    const complain = (text) => {
      message.hidden = !text;
      setText(message, text);
    };

    // --- The pictures
    const photo = (kind) => {
      const canvas = h("canvas", { role: "application", tabindex: 0, "aria-label": say(`${kind}_point`) });
      const outline = h("div", { class: "cl-spot", "aria-hidden": "true" });
      const frame = h("div", { class: `cl-photo cl-photo-${kind}` }, canvas, outline);
      const [caption, note] = [h("div", { class: "cl-caption" }, say(kind)), h("div", { class: "cl-note cl-small" })];
      const at = (event) => {
        const box = canvas.getBoundingClientRect();
        const [y, x] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
        const place = [Math.floor(y * canvas.height), Math.floor(x * canvas.width)];
        return kind === "input" ? nearest(place, bench.s, bench.output.size) : place.map((i, k) => Math.min(Math.max(i, 0), bench.output.size[k] - 1));
      };
      canvas.addEventListener("pointerdown", (event) => {
        if (!bench || !event.isPrimary) return;
        canvas.setPointerCapture(event.pointerId);
        set({ position: at(event) });
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!bench) return;
        if (event.buttons === 1) set({ position: at(event) });
        else if (event.pointerType === "mouse") look(at(event));
      });
      canvas.addEventListener("pointerleave", () => look(null));
      canvas.addEventListener("keydown", (event) => {
        const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity] };
        if (!(event.key in steps) || !bench || event.ctrlKey || event.metaKey || event.altKey) return;
        // JupyterLab has keys of its own on the cell around.
        event.preventDefault();
        event.stopPropagation();
        hovered = null;
        set({ position: clamp(position().map((i, k) => i + steps[event.key][k] * (event.shiftKey ? 10 : 1))) });
      });
      return { canvas, outline, note, element: h("div", { class: "cl-panel" }, caption, frame, note), frame };
    };
    const [input, output] = [photo("input"), photo("output")];
    const clamp = (place) => place.map((i, k) => Math.min(Math.max(i, 0), bench.output.size[k] - 1));
    const position = () => clamp(model.get("position"));
    const look = (place) => {
      if (String(place) === String(hovered)) return;
      hovered = place;
      draw();
    };

    const kernelGrid = new Grid(words, "kernel", {
      point: (cell) => ((lit = cell), draw()),
      edit: (r, c, value) => set({ kernel_preset: "custom", weight_values: bench.weight.map((row, i) => row.map((old, j) => (i === r && j === c ? value : old))) }),
    });
    const windows = [0, 1, 2].map(() => {
      const [grid, total] = [new Grid(words, "input"), h("b")];
      return { grid, total, element: h("div", { class: "cl-seen" }, grid.element, h("span", {}, "⊙ K = ", total)) };
    });
    const heading = h("div", { class: "cl-caption" });
    const windowsBox = h("div", { class: "cl-windows" });
    const loupeBox = h("div", { class: "cl-loupe" }, heading, windowsBox);
    // One window stands under the kernel that it is multiplied with; three need a row of their own.
    const [middle, below] = [h("div", { class: "cl-middle" }, kernelGrid.element), h("div")];
    const stage = h("div", { class: "cl-bench" }, input.element, middle, output.element);
    const live = h("div", { class: "cl-unseen", "aria-live": "polite" });
    const line = codeLine(words, say("code"));
    const shapes = h("span", { class: "cl-shapes" });
    line.element.append(shapes);
    el.classList.add("cl-filter-bench");
    el.replaceChildren(bar, ownBar, message, stage, below, live, line.element);

    // --- Pictures from files and cameras: they are drawn here and sent nowhere
    input.frame.addEventListener("dragover", (event) => (event.preventDefault(), event.stopPropagation()));
    input.frame.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      open(event.dataTransfer.files[0]);
    });

    /** The pixels of a picture; with a side, its middle square shrunk or grown to that side. */
    function pixels(image, width, height, side = null) {
      const canvas = h("canvas", { width: side ?? width, height: side ?? height });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const [shortest, w, h_] = [Math.min(width, height), canvas.width, canvas.height];
      if (side) context.drawImage(image, (width - shortest) / 2, (height - shortest) / 2, shortest, shortest, 0, 0, w, h_);
      else context.drawImage(image, 0, 0);
      return { rgba: context.getImageData(0, 0, w, h_).data, size: [h_, w] };
    }

    async function open(chosen) {
      if (!chosen) return;
      stopCamera();
      try {
        const image = await createImageBitmap(chosen);
        own = pixels(image, image.width, image.height, SIDE);
      } catch {
        return complain(say("no_picture", { name: chosen.name }));
      }
      complain("");
      set({ own_picture: true });
      schedule();
    }

    async function startCamera() {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: true });
        const started = h("video", { muted: true, playsinline: true });
        started.srcObject = stream;
        video = started;
        await started.play();
      } catch {
        stopCamera();
        return complain(say("no_camera"));
      }
      complain("");
      requestAnimationFrame(film);
    }
    function film() {
      if (!video) return;
      if (signal?.aborted || !el.isConnected) return stopCamera();
      own = pixels(video, video.videoWidth, video.videoHeight, SIDE);
      if (!model.get("own_picture")) set({ own_picture: true });
      draw();
      requestAnimationFrame(film);
    }
    function stopCamera() {
      for (const track of video?.srcObject?.getTracks() ?? []) track.stop();
      video = null;
      if (bench) draw();
    }
    signal?.addEventListener("abort", stopCamera);

    /** The picture to show, or null while it is being decoded. */
    function current(s) {
      if (s.own_picture && own) return own;
      const url = model.get("pictures")[s.picture];
      if (!decoded.has(url)) {
        decoded.set(url, null);
        const image = h("img", { src: url });
        image.decode().then(() => {
          decoded.set(url, pixels(image, image.naturalWidth, image.naturalHeight));
          schedule();
        });
      }
      return decoded.get(url);
    }

    // --- Showing it all
    function draw() {
      const s = state();
      const picture = current(s);
      if (!picture) return;
      const planes = bench && bench.picture === picture && bench.s.color === s.color ? bench.planes : planesOf(picture.rgba, s.color);
      const again = !bench || planes !== bench.planes || ["kernel_size", "padding", "stride", "padding_mode", "kernel_preset", "weight_values", "shades"].some((name) => s[name] !== bench.s[name]);
      if (again) {
        const weight = weightOf(s);
        const result = filtered(planes, picture.size, weight, s);
        const range = shadeRange(weight, result.planes, s.shades);
        if (planes !== bench?.planes) put(input.canvas, paintable(planes, [0, 255], false), picture.size);
        put(output.canvas, paintable(result.planes, range, s.shades === "absolute"), result.size);
        bench = { s, picture, planes, weight, output: result, range };
      } else bench.s = s;
      layout(s);
      paint(s);
    }

    function put(canvas, rgba, [height, width]) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
    }

    function layout(s) {
      const names = Object.keys(model.get("pictures"));
      const menu = pictures.element.querySelector("select");
      if (menu.length !== names.length + 1) setChildren(menu, [...names, "own"].map((value) => h("option", { value }, say(`picture_${value}`))));
      pictures.set(s.own_picture && own ? "own" : s.picture);
      for (const [control, name] of [[color, "color"], [large, "large"], [modes, "padding_mode"], [kernels, "kernel_preset"], [shades, "shades"]]) control.set(s[name]);
      const label = say(video ? "camera_off" : "camera");
      if (camera.textContent !== label) camera.textContent = camera.ariaLabel = camera.title = label;
      setText(input.note, s.own_picture && own ? "" : (model.get("credits")[s.picture] ?? ""));
      setText(output.note, say("scale", { low: format(bench.range[0]), high: format(bench.range[1]) }));
      const em = parseFloat(getComputedStyle(el).fontSize);
      const cell = `min(${em * (s.kernel_size <= 3 ? 2.8 : s.kernel_size <= 5 ? 2.3 : 1.9)}px, ${90 / s.kernel_size}cqi)`; // within the width
      if (el.style.getPropertyValue("--cell") !== cell) el.style.setProperty("--cell", cell);
      // The output is drawn at the input's scale, so that a stride of 2 shows half the size.
      for (const [one, size] of [[input, bench.picture.size], [output, bench.output.size]]) {
        const share = (size[1] / Math.max(bench.picture.size[1], bench.output.size[1])).toFixed(4);
        if (one.frame.style.getPropertyValue("--share") !== share) one.frame.style.setProperty("--share", share);
      }
      setChildren(middle, s.color ? [kernelGrid.element] : [kernelGrid.element, loupeBox]);
      setChildren(below, s.color ? [loupeBox] : []);
      line.set(benchCode(s));
      const [[height, width], [rows, columns], channels] = [bench.picture.size, bench.output.size, bench.planes.length];
      setText(shapes, `(1, ${channels}, ${height}, ${width}) → (1, ${channels}, ${rows}, ${columns})`);
    }

    function paint(s) {
      const [row, column] = hovered ? clamp(hovered) : position();
      const { weight, picture, planes } = bench;
      spot(input.outline, row * s.stride - s.padding, column * s.stride - s.padding, s.kernel_size, picture.size);
      spot(output.outline, row, column, 1, bench.output.size);
      setText(kernelGrid.caption, say("kernel"));
      kernelGrid.show(weight, say("kernel"), (r, c) => (lit && lit.r === r && lit.c === c ? "cl-lit" : ""));
      setText(heading, say("loupe", { row, column }));
      const seen = planes.map((one) => loupe(one, picture.size, weight, s, [row, column]));
      setChildren(windowsBox, seen.map(({ cells, total }, c) => {
        const { grid, total: sign, element } = windows[c];
        const name = say(s.color ? `channel_${c}` : "channel_grey");
        setText(grid.caption, name);
        grid.show(cells.map((cells) => cells.map(({ value }) => value)), name, (r, k) =>
          `${cells[r][k].padding ? "cl-pad" : ""}${lit && lit.r === r && lit.c === k ? " cl-lit" : ""}`.trim());
        setText(sign, format(total));
        return element;
      }));
      if (!hovered && !video) setText(live, say("spoken", { row, column, values: seen.map(({ total }) => format(total)).join(", ") }));
    }

    /** Lay the mark over rows top … top+side−1 of a picture, never too small to see. */
    function spot(mark, top, left, side, [height, width]) {
      const percent = (value) => `${(100 * value).toFixed(3)}%`;
      mark.style.cssText = `top: ${percent((top + side / 2) / height)}; left: ${percent((left + side / 2) / width)}; width: ${percent(side / width)}; height: ${percent(side / height)};`;
    }

    const schedule = mount({ model, el, signal }, draw);
    // A picture of the learner's does not outlive the page.
    if (model.get("own_picture")) set({ own_picture: false });
  },
};
