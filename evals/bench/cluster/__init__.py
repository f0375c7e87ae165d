"""`onrecord bench --ray`: what Ray costs and gives, on the cores of this machine.

``nodes`` starts machines that are none: nodes of Ray, each on a core of its own. ``calls`` is what Ray takes for
nothing; ``run`` holds the service and the ingest on Ray against the plain ones, ``same`` their answers against each
other, and ``faults`` takes things away while questions come. Ray is imported by ``nodes`` and ``calls`` alone, which
run as programs of their own.
"""
