// Bundles the extension into dist/, everything but the editor's own API in it.
import { build } from "esbuild";

await build({
  entryPoints: { extension: "src/extension.ts", uninstall: "src/environment/uninstall.ts" },
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
