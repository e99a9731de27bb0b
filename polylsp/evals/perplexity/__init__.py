"""How well a model foretells whole files: bits per byte, and PolyCoder's own measure."""
