"""One archive in several shards: the same answers as of one, wherever the shards are kept.

``manifest`` says which shards there are and which articles are whose; ``shard`` is what one of them answers;
``transport`` is how they are asked, in this process or beyond it; ``catalogue`` holds what is known of all of them
together; ``archive`` puts these together into an ``Archive``. Nothing here knows of Ray.
"""
