"""Which models there are, and the one that ships with the package."""
