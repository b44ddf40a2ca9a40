"""What is deployed, proven on a real cluster: Kubernetes with Knative Serving on this machine.

The cluster is that of CLUSTER_TOOLS; the servers run beside it, on the node's address. Nothing is
mocked: requests pass through the ingress, the activator and the queue-proxy.
"""
