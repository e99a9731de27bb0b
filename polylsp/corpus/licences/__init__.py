"""Under which licence each file is, and whether that lets a model learn from it."""
