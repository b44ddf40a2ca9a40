"""The topics in Kafka: publishing, dead letters, provisioning."""
