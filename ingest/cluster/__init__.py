"""Ingest on Ray: the pipeline of ``ingest.pipeline`` as stages of Ray Data, into an archive in shards.

``connection`` finds a cluster or starts one. Nothing outside of this package, ``service.cluster`` and
``evals.bench.cluster`` imports Ray, and nothing imports these before somebody asks for Ray.
"""
