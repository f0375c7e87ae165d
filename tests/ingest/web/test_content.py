import gzip

from ingest.web.content import decoded


def test_a_bomb_is_unpacked_a_piece_at_a_time() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    pieces = [len(piece) for piece in decoded([bomb], "gzip")]
    assert sum(pieces) == 10_000_000
    assert max(pieces) <= 1 << 16
