"""How much of everything a rate of payments needs, from what was measured."""
