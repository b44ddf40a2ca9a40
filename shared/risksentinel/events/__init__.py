"""The event types: one file each with topic, type, encode and decode; all in `registry`."""
