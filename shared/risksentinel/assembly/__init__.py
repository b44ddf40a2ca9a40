"""From settings to adapters: which technology stands behind each port."""
