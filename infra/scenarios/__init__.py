"""Fraud and everyday life as payments, played against an engine: `make scenarios`."""
