"""Station 3: token ids in, token ids out. Knows tensors; knows neither text nor tokenizer."""
