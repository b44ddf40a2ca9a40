"""Tests of the deployment on a real cluster: Kubernetes with Knative Serving on this machine.

The scripts in CLUSTER_TOOLS build the cluster; the servers run beside it, on the node's address.
Nothing is mocked: requests go through the ingress, the activator and the queue-proxy.
"""
