"""Station 2: Context → Prompt. Knows the tokenizer; knows neither trees nor models."""
