"""`risksentinel import`: reads a payment file and sends its payments to an engine or instance."""
