// stylua without its binary: formats the Lua files of the plug-in, or with --check names those it would change.
//   node scripts/style.mjs FOLDER [--check]   FOLDER: where npm has put @johnnymorganz/stylua
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, mode] = process.argv.slice(2);
const { Config, IndentType, OutputVerification, formatCode } = createRequire(
  join(resolve(folder), "/"),
)("@johnnymorganz/stylua");
const plugin = join(import.meta.dirname, "..");
// The same as in stylua.toml, which editors read.
const wanted = readFileSync(join(plugin, "stylua.toml"), "utf8");
const changed = [];
for (const name of readdirSync(plugin, { recursive: true }).filter((one) => one.endsWith(".lua"))) {
  const file = join(plugin, name);
  const config = Config.new();
  config.column_width = Number(/column_width = (\d+)/.exec(wanted)[1]);
  config.indent_type = IndentType.Spaces;
  config.indent_width = Number(/indent_width = (\d+)/.exec(wanted)[1]);
  const text = readFileSync(file, "utf8");
  const formatted = formatCode(text, config, undefined, OutputVerification.Full);
  if (formatted !== text) {
    changed.push(name);
    if (mode !== "--check") {
      writeFileSync(file, formatted);
    }
  }
}
for (const name of changed) {
  console.log(name);
}
process.exitCode = changed.length > 0 && mode === "--check" ? 1 : 0;
