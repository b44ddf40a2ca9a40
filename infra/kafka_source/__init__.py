"""The source: what a KafkaSource does in a cluster, for bare machines and compose.

It reads topics as a consumer group and posts each record to a function as a CloudEvent, in the
order of its partition, until the function has dealt with it or it is given up as a dead letter.
"""
