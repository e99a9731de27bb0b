"""Measure quality: how well what a model says, with the user's own code mixed in, foretells real files."""
