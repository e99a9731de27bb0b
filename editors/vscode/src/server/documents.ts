import * as vscode from "vscode";

const LANGUAGES = [
  "c",
  "cpp",
  "csharp",
  "cuda-cpp",
  "go",
  "java",
  "javascript",
  "javascriptreact",
  "php",
  "python",
  "ruby",
  "rust",
  "scala",
  "typescript",
  "typescriptreact",
];
const SCHEMES = ["file", "untitled", "vscode-notebook-cell"];

/** The documents that the server is told of. */
export const SELECTOR = LANGUAGES.flatMap((language) => SCHEMES.map((scheme) => ({ language, scheme })));

export function isOurs(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0;
}

/** The editor in front, if its document is one that the server knows. */
export function editorInFront(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor !== undefined && isOurs(editor.document) ? editor : undefined;
}

/** Whether something would be put in at one cursor that was meant for one of several. */
export function hasSeveralCursors(document: vscode.TextDocument): boolean {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document && editor.selections.length > 1;
}
