"""score: scores accepted payments, and stores their labels."""
