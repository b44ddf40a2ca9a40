"""Real-time payment fraud scoring: what every function shares."""
