"""rules-crud: the rules of analysts, and the named lists of rules."""
