"""rules-crud: analysts write rules, and the lists that rules look at."""
