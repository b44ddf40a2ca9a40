"""Features: the one place where they are computed, for training, evaluation and serving."""
