"""Which texts are alike: runs of words as numbers, and what must not be met again."""
