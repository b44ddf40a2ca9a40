"""Rules: what an analyst writes in JSON, parsed so strictly that evaluating cannot fail."""
