"""Scoring: pure functions from facts to a verdict, so that each score can be recomputed."""
