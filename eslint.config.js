// What the views' JavaScript is held to: make lint-js.
import js from "@eslint/js";

const BROWSER = [
  "Blob", "Image", "ImageData", "IntersectionObserver", "MutationObserver", "Node", "ResizeObserver", "TextDecoder",
  "atob", "clearTimeout", "createImageBitmap", "document", "getComputedStyle", "getSelection", "localStorage", "matchMedia",
  "navigator", "queueMicrotask", "requestAnimationFrame", "setTimeout", "structuredClone",
];

export default [
  js.configs.recommended,
  {
    files: ["lessonlib/**/*.js"],
    languageOptions: { globals: Object.fromEntries(BROWSER.map((name) => [name, "readonly"])) },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-len": ["error", { code: 120, ignoreUrls: false }],
      "max-lines-per-function": ["error", { max: 60 }],
      "no-unused-vars": ["error", { args: "none" }],
      "eqeqeq": "error",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "no-shadow-restricted-names": "error",
    },
  },
];
