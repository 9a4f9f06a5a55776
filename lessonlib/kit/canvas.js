// Pictures: canvases that are painted and pointed at, and photographs that come as data URLs.

import { clampTo } from "./geometry.js";
import { ENDS, h, stepOf } from "./page.js";

/** Paint pixels (r, g, b, a, r, …) on a canvas, which takes their size. */
export function paint(canvas, rgba, [height, width]) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

/**
 * The pixels of a picture, over white where it is clear; with a side, its middle square shrunk or grown to that side.
 */
export function pixelsOf(image, width, height, side = null) {
  const size = [side ?? height, side ?? width];
  const canvas = h("canvas", { width: size[1], height: size[0] });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size[1], size[0]);
  const shortest = Math.min(width, height);
  if (side === null) context.drawImage(image, 0, 0);
  else context.drawImage(image, (width - shortest) / 2, (height - shortest) / 2, shortest, shortest, 0, 0, side, side);
  return { rgba: context.getImageData(0, 0, size[1], size[0]).data, size };
}

/** One of four channels of pixels, as a plane of numbers. */
export function channelOf(rgba, c) {
  return Float64Array.from({ length: rgba.length / 4 }, (_, i) => rgba[4 * i + c]);
}

/** Photographs by their data URLs, each decoded once; `read` works out what a view wants of { rgba, size }. */
export class Pictures {
  constructor(ready, read = (one) => one) {
    this.decoded = new Map();
    this.ready = ready;
    this.read = read;
  }

  /** The picture behind a URL, or null while it is being decoded; `ready` is called when it is. */
  get(url) {
    if (!this.decoded.has(url)) {
      this.decoded.set(url, null);
      const image = h("img", { src: url });
      image.decode().then(() => {
        this.decoded.set(url, this.read(pixelsOf(image, image.naturalWidth, image.naturalHeight)));
        this.ready();
      });
    }
    return this.decoded.get(url);
  }
}

/** The pixel of a canvas, or of a finer or coarser lattice laid over it, that a pointer is on. */
export function placeIn(canvas, event, [rows, columns] = [canvas.height, canvas.width]) {
  const box = canvas.getBoundingClientRect();
  const along = (from, length, count) => Math.min(Math.max(Math.floor((from / length) * count), 0), count - 1);
  return [along(event.clientY - box.top, box.height, rows), along(event.clientX - box.left, box.width, columns)];
}

/**
 * Let the pixels of a canvas be pointed at: `look(place | null)` follows the mouse, `go(place)` is a press or a drag,
 * `step([rows, columns])` an arrow key, ten times as far with Shift.
 * @param {any} canvas
 * @param {any} on
 */
export function pointable(canvas, on) {
  const { look, go, step, steps = ENDS, drags = true } = on;
  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    if (drags) canvas.setPointerCapture(event.pointerId);
    go(placeIn(canvas, event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drags && event.buttons === 1) go(placeIn(canvas, event));
    else if (event.pointerType === "mouse") look(placeIn(canvas, event));
  });
  canvas.addEventListener("pointerleave", () => look(null));
  canvas.addEventListener("keydown", (event) => {
    const wanted = stepOf(event, steps);
    if (wanted) step(wanted.map((one) => one * (event.shiftKey ? 10 : 1)));
  });
  return canvas;
}

/** A canvas that is pointed at, named for those who listen. */
export function photo(label, on = null) {
  const canvas = h("canvas",
    on ? { role: "application", tabindex: 0, "aria-label": label } : { role: "img", "aria-label": label });
  return on ? pointable(canvas, on) : canvas;
}

/**
 * A photo on which a view's trait `position` is chosen and moved: `size()` is how far it goes, null before there is
 * anything; `at` is the position that a pixel stands for.
 * @type {(view: any, label: string, size: () => number[] | null, at?: (place: number[]) => number[]) => any}
 */
export function positioned(view, label, size, at = (place) => place) {
  return photo(label, {
    look: (place) => size() && view.look(place && at(place)),
    go: (place) => size() && view.set({ position: at(place) }),
    step: (step) => {
      if (!size()) return;
      view.hovered = null;
      const from = clampTo(view.get("position"), size());
      view.set({ position: clampTo(from.map((one, i) => one + step[i]), size()) });
    },
  });
}

/** The colour that a value between -1 and 1 has in a palette of signs, as one number: a, b, g, r. */
export function signColors(palette) {
  const rgb = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const [negative, zero, positive] = ["negative", "zero", "positive"].map((name) => rgb(palette[name]));
  const table = Uint32Array.from({ length: 511 }, (_, i) => {
    const part = Math.abs(i - 255) / 255;
    const [r, g, b] = zero.map((from, c) => Math.round(from + part * ((i < 255 ? negative : positive)[c] - from)));
    return 0xff000000 + b * 0x10000 + g * 0x100 + r;
  });
  return (value) => table[Math.round(255 * value) + 255];
}
