"""The typology pack: the default rules of RiskSentinel, by their ids.

docs/typologies has a page for each pattern with its source and its false alarms.
"""
