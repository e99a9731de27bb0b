"""Workshop: measure speed. Every figure comes with its baseline, measured in the same run."""
