"""The write side: sources become articles, articles become passages with their vectors, in an archive."""
