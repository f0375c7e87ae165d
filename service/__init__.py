"""The edge: an archive over HTTP, for programs and for readers."""
