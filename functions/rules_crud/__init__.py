"""rules-crud: analysts write rules."""
