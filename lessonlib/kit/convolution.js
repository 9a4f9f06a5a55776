// The mirror of conv.py and presets.py: planes of numbers as rows of rows, and pictures as flat arrays of pixels.

import { outputSize } from "./geometry.js";

/** Where index i of a padded axis comes from in the input: an index, or -1 for a zero. */
export function source(i, size, padding, mode) {
  const at = i - padding;
  if (at >= 0 && at < size) return at;
  if (mode === "replicate") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
  if (mode === "circular") return (at + size) % size;
  return -1;
}

export function plane(h, w, rule) {
  return Array.from({ length: h }, (_, r) => Array.from({ length: w }, (_, c) => rule(r, c)));
}

/** Rows × columns of stored values from the top left corner; what lies outside is left, what is missing is 0. */
export function fit(stored, rows, columns) {
  return plane(rows, columns, (r, c) => stored?.[r]?.[c] ?? 0);
}

/** A plane in which one number is another. */
export function changed(values, r, c, value) {
  return values.map((row, i) => row.map((old, j) => (i === r && j === c ? value : old)));
}

/** @type {(values: any[][], padding: number[], mode?: string) => any[][]} */
export function pad(values, [ph, pw], mode = "zeros") {
  const [h, w] = [values.length, values[0].length];
  return plane(h + 2 * ph, w + 2 * pw, (r, c) => {
    const [y, x] = [source(r, h, ph, mode), source(c, w, pw, mode)];
    return y < 0 || x < 0 ? 0 : values[y][x];
  });
}

/** The kernel turned by 180°: what convolution in mathematics slides. */
export function flip(kernel) {
  return kernel.map((row) => [...row].reverse()).reverse();
}

/** One window's products on one plane: rows of { x, w, product, r, c }, r and c in the padded plane. */
export function products(values, kernel, top, left, [dh, dw]) {
  return kernel.map((row, i) =>
    row.map((w, j) => {
      const [r, c] = [top + i * dh, left + j * dw];
      const x = values[r][c];
      return { x, w, product: x * w, r, c };
    }),
  );
}

export function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/**
 * The window of an output pixel in a picture: rows of { value, padding }.
 * @type {(pixels: any, size: number[], kernelSize: number, s: any, place: any) => any[][]}
 */
export function windowOf(pixels, [h, w], kernelSize, { stride = 1, padding, padding_mode = "zeros" }, [row, column]) {
  return plane(kernelSize, kernelSize, (i, j) => {
    const [r, c] = [row * stride + i, column * stride + j];
    const [y, x] = [source(r, h, padding, padding_mode), source(c, w, padding, padding_mode)];
    const inside = r >= padding && c >= padding && r < h + padding && c < w + padding;
    return { value: y < 0 || x < 0 ? 0 : pixels[y * w + x], padding: !inside };
  });
}

/** The sum of products of a window, as `windowOf` gives it, and a kernel. */
export function sumOf(cells, weight) {
  return sum(cells.flatMap((line, i) => line.map(({ value }, j) => value * weight[i][j])));
}

/**
 * A picture put through a square kernel: its pixels, flat.
 * @type {(pixels: any, size: number[], weight: any[][], s?: any) => Float64Array}
 */
export function correlate(pixels, [h, w], weight, { stride = 1, padding = 0, padding_mode = "zeros" } = {}) {
  const [oh, ow] = [h, w].map((length) => outputSize(length, weight.length, stride, padding));
  const width = w + 2 * padding;
  const padded = padFlat(pixels, [h, w], padding, padding_mode);
  const output = new Float64Array(oh * ow);
  // Five neighbours of a row at a time: three channels of 256 × 256 pixels in less than a frame.
  weight.forEach((row, i) => {
    for (let j = 0; j < row.length; j += 5) {
      const [a, b = 0, c = 0, d = 0, e = 0] = row.slice(j, j + 5);
      if (!a && !b && !c && !d && !e) continue;
      for (let y = 0, to = 0; y < oh; y++) {
        for (let from = (y * stride + i) * width + j, end = to + ow; to < end; to++, from += stride) {
          output[to] += a * padded[from] + b * padded[from + 1] + c * padded[from + 2] + d * padded[from + 3]
            + e * padded[from + 4];
        }
      }
    }
  });
  return output;
}

/** A picture with its padding; the four numbers behind it are there to be read, and count as 0. */
function padFlat(pixels, [h, w], padding, mode) {
  const width = w + 2 * padding;
  const padded = new Float64Array((h + 2 * padding) * width + 4);
  const margins = Array.from({ length: padding }, (_, side) => [side, width - 1 - side]).flat();
  const filled = margins.map((c) => [c, source(c, w, padding, mode)]).filter(([, x]) => x >= 0);
  for (let r = 0; r < h + 2 * padding; r++) {
    const y = source(r, h, padding, mode);
    if (y < 0) continue;
    padded.set(pixels.subarray(y * w, (y + 1) * w), r * width + padding);
    for (const [c, x] of filled) padded[r * width + c] = pixels[y * w + x];
  }
  return padded;
}

/** The largest size among the pixels of some planes; a few far larger than the rest do not count. */
export function largestShade(planes) {
  let [largest, squares, count] = [0, 0, 0];
  for (const pixels of planes) {
    for (let i = 0; i < pixels.length; i++) {
      const value = Math.abs(pixels[i]);
      if (value > largest) largest = value;
      squares += value * value;
    }
    count += pixels.length;
  }
  return Math.ceil(Math.min(largest, 4 * Math.sqrt(squares / count)) - 1e-6) || 1;
}

/** One plane as grey, three as red, green and blue: pixels for a canvas, each plane from [black, white]. */
export function shades(planes, ranges) {
  const pixels = new Uint32Array(planes[0].length).fill(0xff000000); // a, b, g, r: one write a pixel is the fastest
  planes.forEach((values, c) => {
    const [low, high] = ranges[c];
    const scale = 255 / (high - low);
    const places = planes.length === 1 ? 0x010101 : 1 << (8 * c);
    for (let i = 0; i < values.length; i++) {
      const shade = (values[i] - low) * scale;
      pixels[i] |= (shade <= 0 ? 0 : shade >= 255 ? 255 : (shade + 0.5) | 0) * places;
    }
  });
  return new Uint8ClampedArray(pixels.buffer);
}

function random(seed, count, below) {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state >>> 16) % below;
  });
}

function binomial(size) {
  let row = [1];
  const next = (_, k) => (row[k - 1] ?? 0) + (row[k] ?? 0);
  for (let i = 1; i < size; i++) row = Array.from({ length: row.length + 1 }, next);
  return row;
}

export const KERNELS = {
  identity: (r, c, centre) => Number(centre),
  box_blur: (r, c, centre, h, w) => 1 / (h * w),
  gaussian_blur: (r, c, centre, h, w) =>
    (binomial(h)[(r + h - 1) / 2] * binomial(w)[(c + w - 1) / 2]) / 2 ** (h + w - 2),
  vertical_edge: (r, c) => Math.sign(c),
  horizontal_edge: (r) => Math.sign(r),
  sharpen: (r, c, centre, h, w) => sharpen((r + h - 1) / 2, (c + w - 1) / 2, h, w),
  emboss: (r, c, centre) => Math.sign(r) + Math.sign(c) + Number(centre),
  ones: () => 1,
  random: null,
};

function sharpen(row, column, h, w) {
  const [y, x] = [(h - 1) >> 1, (w - 1) >> 1];
  const around = [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]];
  const beside = around.filter(([r, c]) => r >= 0 && r < h && c >= 0 && c < w);
  if (row === y && column === x) return 1 + beside.length;
  return beside.some(([r, c]) => r === row && c === column) ? -1 : 0;
}

/**
 * A named kernel of h × w.
 * @type {(name: string, size: number[], seed?: number) => number[][]}
 */
export function kernel(name, [h, w], seed = 0) {
  if (name === "random") {
    const values = random(seed, h * w, 7);
    return plane(h, w, (r, c) => values[r * w + c] - 3);
  }
  const [y, x] = [(h - 1) >> 1, (w - 1) >> 1];
  return plane(h, w, (r, c) => KERNELS[name](2 * r - (h - 1), 2 * c - (w - 1), r === y && c === x, h, w));
}

/** The square kernel that a state stands for. */
export function weightOf(s) {
  const size = s.kernel_size;
  if (s.kernel_preset === "custom") return fit(s.weight_values, size, size);
  if (s.kernel_preset === "counting") return plane(size, size, (r, c) => r * size + c + 1);
  return kernel(s.kernel_preset, [size, size]);
}

const DIGIT = ["00111100", "01100110", "00000110", "00011100", "00000110", "01100110", "00111100", "00000000"];

export const INPUTS = {
  counting: (r, c, h, w, channel) => r * w + c + 1 + channel * h * w,
  step_edge: (r, c, h, w) => 9 * Number(c >= w >> 1),
  corner: (r, c, h, w) => 9 * Number(c >= w >> 1 && r >= h >> 1),
  cross: (r, c, h, w) => 9 * Number(c === w >> 1 || r === h >> 1),
  checkerboard: (r, c, h, w, channel) => 9 * ((r + c + channel) % 2),
  digit: (r, c, h, w) => 9 * Number(DIGIT[Math.floor((r * 8) / h)][Math.floor((c * 8) / w)]),
  random: null,
};

/**
 * One channel of a named input of h × w.
 * @type {(name: string, size: number[], channel?: number, seed?: number) => number[][]}
 */
export function picture(name, [h, w], channel = 0, seed = 0) {
  if (name === "random") {
    const values = random(seed + 101 * channel, h * w, 10);
    return plane(h, w, (r, c) => values[r * w + c]);
  }
  return plane(h, w, (r, c) => INPUTS[name](r, c, h, w, channel));
}
