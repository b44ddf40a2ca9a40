"""The five functions; each is deployed by itself."""
