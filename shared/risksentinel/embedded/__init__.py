"""The embedded engine: the five functions in one process, on SQLite and without a broker."""
