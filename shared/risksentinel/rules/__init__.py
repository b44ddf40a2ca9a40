"""Rules that analysts write in JSON. Parsing checks everything, so that evaluation cannot fail."""
