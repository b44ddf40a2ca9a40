"""Fraud models: the registry, and the model in use."""
