"""What is announced: one file an event with its topic, type, encode and decode."""
