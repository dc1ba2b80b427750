"""What the benchmark reads from wrk's output."""

import pytest

from benchmarks.servers.wrk import read_output

OUTPUT = """Running 1s test @ http://127.0.0.1:8000/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.42ms    1.02ms  16.61ms   84.21%
    Req/Sec     3.35k   331.40     3.86k    70.00%
  Latency Distribution
     50%  981.00us
     75%    2.57ms
     90%    3.29ms
     99%    6.53ms
  3334 requests in 1.00s, 7.98MB read
Requests/sec:   3329.61
Transfer/sec:      7.97MB
"""


def test_rate_requests_and_latencies_are_read_in_one_unit() -> None:
    found = read_output(OUTPUT)
    assert found == {"rate": 3329.61, "requests": 3334, "50": 981.0, "99": 6530.0}


@pytest.mark.parametrize(
    "failure",
    [
        "  Non-2xx or 3xx responses: 4\n",
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
    ],
)
def test_failed_requests_are_an_error(failure: str) -> None:
    with pytest.raises(RuntimeError, match=failure.strip()):
        read_output(OUTPUT.replace("Requests/sec", f"{failure}Requests/sec"))


def test_other_output_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="unable to connect"):
        read_output("unable to connect to 127.0.0.1:8000 Connection refused\n")
