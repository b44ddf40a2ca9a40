"""The ports, implemented: one folder for each technology."""
