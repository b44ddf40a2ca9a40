"""HTTP for every function: the app, requests, problems, health, responses to events."""
