"""The ports in the memory of one process."""
