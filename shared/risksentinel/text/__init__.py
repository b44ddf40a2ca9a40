"""Text formats that several floors read and write."""
