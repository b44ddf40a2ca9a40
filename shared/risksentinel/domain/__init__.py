"""Values of payment fraud detection. No I/O, no clock, no randomness; each value checks itself."""
