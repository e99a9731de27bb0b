"""Lines of functions that tests decide about: HumanEval's single-line infilling."""
