"""Scale to zero for one function: its process starts with the first request, and stops when idle.

It is Knative's activator and autoscaler for a machine without a cluster. Requests without a process
are buffered; none is lost, and none reaches a process that is stopping.
docs/adr/0013-activator.md says why it exists and when to delete it.
"""
