"""score: payments that wait get their score."""
