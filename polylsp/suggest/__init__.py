"""Station 4: Draft → Suggestion. Knows text; can only shorten or drop, never write."""
