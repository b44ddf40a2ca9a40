"""The local stack: servers, five functions, their Kafka sources and a gateway, all supervised.

It is docker-compose.yml without containers; a test verifies that topology.py and Compose agree.
docs/adr/0014-supervisor.md says why it exists and when to delete it.
"""
