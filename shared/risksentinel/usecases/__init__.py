"""What RiskSentinel does: one verb a file; gather, decide, commit."""
