"""From facts to a verdict: pure, so that every score can be computed again."""
