"""The key of the ledger: signatures of heads, tags of entries."""
