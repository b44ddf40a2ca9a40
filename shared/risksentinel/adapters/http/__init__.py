"""HTTP requests to addresses that a user chose."""
