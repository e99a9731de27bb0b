"""Everything that can go wrong, and what happens then.

PolyError
├── ConfigError      settings cannot be used          → defaults, and a message
├── ModelError       weights missing, wrong, too big  → the server runs without a model, doctor explains
└── BackendError     the runtime failed               → this suggestion is lost; the tape is emptied

Nothing that a user can type into a document raises any of them. Messages name the remedy.
"""


class PolyError(Exception):
    """The root of polylsp's own errors."""


class ConfigError(PolyError):
    """A setting cannot be used; the default stands in for it."""


class ModelError(PolyError):
    """The model's files are missing, wrong or too big."""


class BackendError(PolyError):
    """The runtime failed while it computed."""
