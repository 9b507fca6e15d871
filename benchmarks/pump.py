"""A pump that outlives whoever commands it, in the process that measures: it counts every dose, by its number.

One line a command: "DOSE 7" is counted when it arrives, takes ACT_S and is answered with "ok"; "COUNT 7" is answered
with how often dose 7 was given: what a person reads on the pump's display. Needs no labcore: the peers use it too.
"""

from __future__ import annotations

import queue
import socketserver
import threading
import time
from collections import Counter
from types import TracebackType

ACT_S = 0.05  # s that a dose takes


class Pump:
    """Serve on a loopback port.

    Lifetime: a `with` block. Concurrency: a thread a connection; `arrivals` has the number of every dose as it begins.
    """

    def __init__(self) -> None:
        self.arrivals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.given: Counter[int] = Counter()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Pump:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget_arrivals(self) -> None:
        """Empty `arrivals`: what was begun before does not count for who comes next."""
        while not self.arrivals.empty():
            self.arrivals.get()

    def obey(self, command: str) -> str:
        """Carry out one command and return its answer."""
        word, number = command.split()
        if word == "COUNT":
            return str(self.given[int(number)])
        self.given[int(number)] += 1
        self.arrivals.put(int(number))
        time.sleep(ACT_S)
        return "ok"

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        pump = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    for line in self.rfile:
                        self.wfile.write(pump.obey(line.decode()).encode() + b"\n")
                except OSError:
                    pass  # whoever commanded it was killed; the dose was given all the same

        return Handler
