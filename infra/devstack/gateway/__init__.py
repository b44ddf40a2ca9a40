"""The gateway of the local stack: one port for all functions."""
