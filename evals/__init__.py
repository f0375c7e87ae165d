"""The evaluation suite: sets of questions, measures, runs over an archive, and the fitting of the ranker."""
