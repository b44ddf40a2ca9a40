"""dashboard: figures for people, and the API's documentation."""
