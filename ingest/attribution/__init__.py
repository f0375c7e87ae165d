"""The parts of attribution: prose to tokens, names to people, cues, statements and speakers; see ``ingest.quotes``."""
