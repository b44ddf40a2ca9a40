"""The history of accounts in Redis."""
