"""The export of labelled payments, for training and for analysts."""
