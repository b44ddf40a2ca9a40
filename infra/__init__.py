"""How RiskSentinel is run: migrations, the local engine, the command line."""
