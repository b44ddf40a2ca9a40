"""Scale to zero in small: a function's process starts with the first request, and ends at rest.

What Knative's activator does in a cluster, on a bare machine. Requests that find no process are
held; none is lost, and none is given to a process that was told to stop.
"""
