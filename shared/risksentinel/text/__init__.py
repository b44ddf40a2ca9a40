"""Text formats: JSON, RFC 3339 times, forbidden characters, messages of violations."""
