"""The command `risksentinel`: one file per command."""
