"""Beside the line: the user's other files. Knows the file system; knows neither trees nor models."""
