"""The command `risksentinel`: one file a command."""
