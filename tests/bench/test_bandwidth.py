from __future__ import annotations

from polylsp.bench.bandwidth import Bandwidth


def test_every_way_to_read_has_a_rate() -> None:
    bandwidth = Bandwidth(2, 1 << 20)
    rates = bandwidth.measure()
    bandwidth.close()
    assert set(rates) == {"sum", "max", "dot"}
    assert min(rates.values()) > 0
