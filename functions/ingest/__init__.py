"""ingest: payments come in, by HTTP and from the payment broker."""
