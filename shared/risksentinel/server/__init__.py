"""The HTTP server of the engine, of each function and of the local gateway: waitress, bounded."""
