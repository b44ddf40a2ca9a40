"""Commands that generate documents and tables which are committed to the repository."""
