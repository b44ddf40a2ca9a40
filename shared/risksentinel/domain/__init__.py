"""Values of the field: no I/O, no clock, no chance; a wrong one cannot exist."""
