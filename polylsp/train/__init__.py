"""Workshop: make weights. A corpus becomes tokens, tokens become a model, a checkpoint becomes a folder."""
