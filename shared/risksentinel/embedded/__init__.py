"""The embedded engine: the five functions in one process."""
