"""The service on Ray Serve: a deployment for each shard, and the app in front of them.

``shards`` is what answers for a shard; ``transport`` is how it is asked; ``ingress`` is the app behind Serve's proxies;
``serving`` starts and ends all of these. Imported by ``onrecord serve --ray`` alone.
"""
