"""polyline: the rest of a line at many places of held-out files, in twelve languages."""
