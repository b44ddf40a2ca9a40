"""The features of the model, computed here for training, evaluation and serving."""
