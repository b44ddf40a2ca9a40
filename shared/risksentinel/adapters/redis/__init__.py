"""The history of accounts in Redis, and the client for it."""
