// The mirror of geometry.py, one axis at a time.

export function effectiveKernel(kernel, dilation = 1) {
  return dilation * (kernel - 1) + 1;
}

/** How many windows fit on one axis; the windows themselves are not listed, which takes far longer. */
export function outputSize(input, kernel, stride = 1, padding = 0, dilation = 1) {
  return Math.max(Math.floor((input + 2 * padding - effectiveKernel(kernel, dilation)) / stride + 1), 0);
}

/** Everything about one axis: sizes, the start of every window, the padded cells that no window reads. */
export function axis(input, kernel, stride = 1, padding = 0, dilation = 1) {
  const padded = input + 2 * padding;
  const effective = effectiveKernel(kernel, dilation);
  const before = (padded - effective) / stride + 1;
  const output = outputSize(input, kernel, stride, padding, dilation);
  const starts = Array.from({ length: output }, (_, i) => i * stride);
  const read = new Set(starts.flatMap((start) => Array.from({ length: kernel }, (_, k) => start + k * dilation)));
  const unreached = Array.from({ length: padded }, (_, i) => i).filter((i) => output > 0 && !read.has(i));
  const leftOver = output > 0 ? (padded - effective) % stride : 0;
  return { input, kernel, stride, padding, dilation, padded, effective, before, output, starts, unreached, leftOver };
}

/** The sizes of an axis, in the order in which `axis` takes them. */
export const SIZES = ["input", "kernel", "stride", "padding", "dilation"];

/** The axis of an object that has its sizes. */
export function axisOf(sizes) {
  return axis(sizes.input, sizes.kernel, sizes.stride, sizes.padding, sizes.dilation);
}

/** The axes of a state, [height, width]: widths follow heights unless they are set apart. */
export function axesOf(s) {
  const of = (side) => Object.fromEntries(SIZES.map((name) => [name, s[`${name}_${s.apart ? side : "h"}`]]));
  return ["h", "w"].map((side) => axisOf(of(side)));
}

/** The output cells along one axis whose windows read a cell of the padded axis. */
export function readersOf(a, cell) {
  return a.starts.flatMap((start, i) => {
    const from = cell - start;
    return from >= 0 && from % a.dilation === 0 && from / a.dilation < a.kernel ? [i] : [];
  });
}

/** Whether a cell of a padded axis is one of the input, and no padding. */
export function isInput(a, at) {
  return at >= a.padding && at < a.padding + a.input;
}

/**
 * Whether a place of the padded input is one of the input.
 * @type {(axes: any[], r: number, c: number) => boolean}
 */
export function isInside([rows, columns], r, c) {
  return isInput(rows, r) && isInput(columns, c);
}

/** The padding that is missing where no window fits. */
export function paddingNeeded({ padding, effective, padded }) {
  return padding + Math.ceil((effective - padded) / 2);
}

export function clamp(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}

/** A place within rows × columns, the nearest to one that may lie outside. */
export function clampTo(place, size) {
  return place.map((at, i) => clamp(at, 0, size[i] - 1));
}
