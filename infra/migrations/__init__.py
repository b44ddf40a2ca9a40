"""The database's schema, one revision a file; `infra.migrate` runs them."""
