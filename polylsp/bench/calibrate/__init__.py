"""Measure how often a model is right when it says how sure it is, and fit the curve between the two."""
