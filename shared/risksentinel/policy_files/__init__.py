"""A policy as a YAML file, for review in version control."""
