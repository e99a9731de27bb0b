"""Station 0: text → tree → spans. Knows tree-sitter; knows neither tokens nor prompts nor LSP."""
