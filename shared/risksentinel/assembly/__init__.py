"""Builds the ports and use cases of a process from its settings, one file a subject."""
