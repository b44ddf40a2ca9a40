"""Files in RISKSENTINEL_HOME, the folder of the embedded engine."""
