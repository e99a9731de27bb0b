"""Everything that can go wrong, and what happens then.

PolyError
├── ModelError       weights missing, wrong, too big  → the server runs without a model, doctor explains
└── BackendError     the runtime failed               → this suggestion is lost; the tape is emptied

Nothing that a user can type, settings included, raises any of them. Messages name the remedy.
"""


class PolyError(Exception):
    """The root of polylsp's own errors."""


class ModelError(PolyError):
    """The model's files are missing, wrong or too big."""


class BackendError(PolyError):
    """The runtime failed while it computed."""
