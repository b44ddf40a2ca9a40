"""The HTTP shell of every function: the app, requests, problems, health, event answers."""
