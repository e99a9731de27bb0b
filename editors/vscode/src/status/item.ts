import * as vscode from "vscode";
import type { View } from "./view";

/** The item in the status bar; a click opens the menu. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("polylsp.status", vscode.StatusBarAlignment.Right, 100);

  constructor() {
    this.item.name = "polylsp";
    this.item.command = "polylsp.menu";
    this.item.show();
  }

  show(view: View): void {
    const { item } = this;
    item.text = view.text;
    item.tooltip = ["polylsp", ...view.lines].slice(view.lines[0]?.startsWith("polylsp") ? 1 : 0).join("\n");
    item.backgroundColor =
      view.colour === "plain" ? undefined : new vscode.ThemeColor(`statusBarItem.${view.colour}Background`);
  }

  dispose(): void {
    this.item.dispose();
  }
}
