"""The gateway of the local stack: one port in front of the functions."""
