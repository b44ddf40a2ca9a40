"""Metrics, traces and start-up times of a process."""
