"""The HTTP binding of CloudEvents."""
