"""Rate limits, with the library `limits`."""
