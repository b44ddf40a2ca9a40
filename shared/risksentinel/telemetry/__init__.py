"""Metrics, traces and start-up times."""
