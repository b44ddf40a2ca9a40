"""HTTP requests to addresses in the settings."""
