"""ingest: takes payments over HTTP and from the payment broker."""
