"""Station 1: Cursor → Context. Knows syntax; knows neither tokens nor models."""
