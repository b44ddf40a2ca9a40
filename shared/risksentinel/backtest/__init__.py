"""`risksentinel backtest`: decides past payments again by a policy, and compares it with live."""
