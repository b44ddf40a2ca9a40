"""dashboard: the figures of all payments, and the documentation of the API."""
