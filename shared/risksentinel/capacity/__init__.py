"""The capacity that a rate of payments needs, computed from measured figures."""
