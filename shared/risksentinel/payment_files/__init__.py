"""`risksentinel replay`: the payments of a file, sent as if they happened now."""
