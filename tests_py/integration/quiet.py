"""Apps that ask for nothing by themselves; see the fixture `quiet_app`."""

from perdure import Perdure
from tests_py.support import TcpProxy


def is_settled(app: Perdure, proxy: TcpProxy) -> bool:
    """Whether the worker of a quiet app has been answered, and does not ask again."""
    worker = app._worker
    asks = worker._timer is not None or worker._wanted.is_set() or worker._freed or worker._suspected.is_set()
    return not asks and app.maintained == 1 and proxy.requests == proxy.replies
