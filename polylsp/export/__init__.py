"""Workshop: checkpoints in, model folders out. Needs the `export` extra."""
