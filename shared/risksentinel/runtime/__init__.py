"""What the shell of every function needs."""
