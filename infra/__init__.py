"""The local stack, the Kafka source, benchmarks, images and generated documents."""
