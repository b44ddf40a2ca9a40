"""The demonstration: an engine in which a day of payments with fraud happens."""
