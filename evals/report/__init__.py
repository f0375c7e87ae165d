"""Runs as pages that are one file: no network, no script, readable in light and dark, narrow, on paper and aloud."""
