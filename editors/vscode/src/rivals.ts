import * as vscode from "vscode";

// Extensions that suggest inline code themselves.
const RIVALS = [
  "GitHub.copilot",
  "GitHub.copilot-chat",
  "AmazonWebServices.amazon-q-vscode",
  "Codeium.codeium",
  "Continue.continue",
  "ggml-org.llama-vscode",
  "Google.geminicodeassist",
  "HuggingFace.huggingface-vscode",
  "rjmacarthy.twinny",
  "sourcegraph.cody-ai",
  "Supermaven.supermaven",
  "TabbyML.vscode-tabby",
  "TabNine.tabnine-vscode",
];
const EXPLAINED = "rivals.explained";

/** Explain, once for each, what it means that another extension suggests inline code too. */
export async function explainRivals(context: vscode.ExtensionContext): Promise<void> {
  const explained = context.globalState.get<readonly string[]>(EXPLAINED, []);
  const found = RIVALS.map((id) => vscode.extensions.getExtension(id)).filter((one) => one !== undefined);
  const fresh = found.filter((one) => !explained.includes(one.id));
  if (fresh.length === 0) {
    return;
  }
  await context.globalState.update(EXPLAINED, [...explained, ...fresh.map((one) => one.id)]);
  const names = fresh.map((one) => String(one.packageJSON?.displayName ?? one.id)).join(", ");
  const show = "Show Extension";
  const choice = await vscode.window.showInformationMessage(
    `${names} may suggest code as you type, too. The editor asks both and shows one suggestion at a time, so polylsp's may be hidden behind the other's. Pause one of them for the languages in which you prefer the other.`,
    show,
    "Pause polylsp",
  );
  if (choice === show) {
    await vscode.commands.executeCommand("workbench.extensions.search", fresh.map((one) => `@id:${one.id}`).join(" "));
  } else if (choice !== undefined) {
    await vscode.commands.executeCommand("polylsp.pauseEverywhere");
  }
}
