"""The typology pack: the rules that RiskSentinel starts with, each by its id.

docs/typologies has a page for each pattern: what it looks like, its source, its false alarms.
"""
