"""Benchmarks: throughput and latency on this machine, and the share of each stage."""
