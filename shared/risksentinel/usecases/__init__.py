"""The use cases: one in each file; each gathers, decides and commits."""
