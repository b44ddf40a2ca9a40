"""The ports on SQL: one code for PostgreSQL and SQLite."""
