"""The edge: an archive over HTTP, for programs and for readers; and the command line.

What libraries read from the environment as they are loaded is set here, before any of them can be: this is the first
module of ours that a process runs.
"""

import os

# Nothing of ours goes to the network at run time, and neither shall the libraries underneath.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Matrices of a question are small: threads of BLAS would do nothing but spin, which took half of all processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
