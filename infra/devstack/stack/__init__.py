"""The stack: real servers, five functions, their sources and the gateway, all supervised.

What docker-compose.yml does with containers, on a machine that has the programs themselves.
topology.py says what there is; a test holds the two together.
"""
