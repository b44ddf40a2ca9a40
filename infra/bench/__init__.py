"""How fast it is on this machine, and where the time goes: `make bench`."""
