"""From sources named in a recipe to licensed, clean, deduplicated text that a model may learn from."""
