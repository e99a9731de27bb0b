// Bundles the extension into dist/, everything but the editor's own API in it.
import { build } from "esbuild";

await build({
  entryPoints: ["src/extension.ts"],
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
  mainFields: ["module", "main"],
  legalComments: "linked",
  logLevel: "warning",
});
