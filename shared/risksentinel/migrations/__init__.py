"""The database's schema, one revision a file; `risksentinel.migrations.migrate` runs them."""
