// Words and numbers as a learner reads them.

const DIGIT_FINALS = [21, 8, 0, 16, 0, 0, 1, 8, 8, 0];
const LETTER_FINALS = { l: 8, m: 16, n: 4, r: 8 };

// What is not read aloud: quotation marks, code marks, bold, and brackets that close.
const SILENT = /[`*'"’”)\]}]+$/;
const FORMS = /\[([가-힣]+|[a-z ]+)\/([가-힣]+|[a-z ]+)\]/;
// "1", "`1`" or "1 black" at the end, not 11, 0.1 or −1.
const ONE = /(?<![\d.,−-])1[`*]* (?:[a-z]+ )?$/;

/** The number of the final consonant with which a text is read aloud in Korean; 0: it ends in a vowel. */
function finalConsonant(text) {
  const spoken = text.replace(SILENT, "");
  if (spoken.endsWith("ng")) return 21; // padding, as 패딩
  const character = spoken.at(-1) ?? "";
  if (character >= "가" && character <= "힣") return (character.charCodeAt(0) - 0xac00) % 28;
  if (/^[0-9]$/.test(character)) return DIGIT_FINALS[Number(character)];
  return LETTER_FINALS[character.toLowerCase()] ?? 0;
}

/** Which of two forms agrees with what stands before: of a particle in Korean, of one and many in English. */
function agreeing(before, one, other) {
  if (!/^[가-힣]/.test(one)) return ONE.test(before) ? one : other;
  const final = finalConsonant(before);
  return final === 0 || (final === 8 && other === "로") ? other : one;
}

/**
 * A sentence with its {fields} filled in and its [은/는], [row/rows] made to agree, as sentences.fill does it: forms are
 * looked for in the template, never in what is filled in, and agree with the end of what stands before them.
 */
export function fill(template, values = {}) {
  const put = (text) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const [first, ...rest] = template.split(FORMS);
  let said = put(first);
  for (let i = 0; i < rest.length; i += 3) said += agreeing(said, rest[i], rest[i + 1]) + put(rest[i + 2]);
  return said;
}

/** A number as it is shown: whole numbers whole, others with at most three decimals, a true minus sign. */
export function format(number) {
  if (!Number.isFinite(number)) return String(number);
  const rounded = Math.round(Math.abs(number) * 1000) / 1000;
  if (rounded >= 1e7) return number.toExponential(2).replace("-", "−");
  return (number < 0 && rounded !== 0 ? "−" : "") + String(rounded);
}

/** A factor as it stands in a product: negative ones in brackets. */
export function factor(value) {
  const text = format(value);
  return text.startsWith("−") ? `(${text})` : text;
}

/** How wide a text of digits stands, in em, bold as the window's are. */
export function breadth(text) {
  let em = 0;
  for (const letter of text) em += { ".": 0.4, "−": 0.85 }[letter] ?? 0.7;
  return em;
}

/** Whether `format` shows a number in full, but for the noise of floating point. */
export function isExact(number) {
  return Math.abs(number * 1000 - Math.round(number * 1000)) < 1e-6;
}

/** "=" where all numbers of an equation are shown in full, "≈" where one is rounded. */
export function equals(...numbers) {
  return numbers.every(isExact) ? "=" : "≈";
}

/** A number with all its decimals up to the third, and "…" where more follow. */
export function digits(number) {
  return isExact(number) ? format(number) : `${format(Math.trunc(number * 1000) / 1000)}…`;
}

/** What a learner typed, as a number; NaN where it is none. */
export function parse(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** A shape as PyTorch prints it. */
export function tuple(shape) {
  return `(${shape.join(", ")})`;
}

/** One number for both sides, or "3×5". */
export function sides([high, wide]) {
  return high === wide ? `${high}` : `${high}×${wide}`;
}

const CONV2D = { stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, padding_mode: "zeros" };

function argument(value) {
  if (Array.isArray(value)) return value[0] === value[1] ? `${value[0]}` : `(${value[0]}, ${value[1]})`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? `"${value}"` : `${value}`;
}

/**
 * A call as PyTorch takes it: nn.Conv2d(1, 1, kernel_size=3), arguments at their defaults left out; pairs are sides.
 * @param {any} named
 * @param {any} defaults
 */
export function callCode(name, given, named = {}, defaults = CONV2D) {
  const told = Object.entries(named).filter(([key, value]) => argument(value) !== argument(defaults[key]));
  return `${name}(${[...given.map(argument), ...told.map(([key, value]) => `${key}=${argument(value)}`)].join(", ")})`;
}
