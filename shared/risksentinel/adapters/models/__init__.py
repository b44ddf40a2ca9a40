"""Fraud models: the registry, and the model that runs."""
