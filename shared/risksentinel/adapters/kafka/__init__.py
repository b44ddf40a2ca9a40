"""Kafka: publishing, dead letters, and provisioning of topics."""
