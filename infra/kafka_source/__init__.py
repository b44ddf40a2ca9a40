"""A Kafka source for machines without Knative: what a KafkaSource does in a cluster.

It reads topics as a consumer group and posts each record to a function as a CloudEvent, in the
order of its partition, until the function has handled the event or it is dead-lettered.
docs/adr/0012-kafka-source.md says why it exists and when to delete it.
"""
