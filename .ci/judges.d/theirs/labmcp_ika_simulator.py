"""Put labmcp-ika's simulator, as it is, behind a TCP port; write its state after every command and 5 times a second."""

import contextlib
import json
import socketserver
import sys
import threading
import time
from pathlib import Path

from labmcp_ika.simulator import IKASimulator

simulator = IKASimulator()
lock = threading.Lock()
log = Path(sys.argv[1]).open("a", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives


def ask(command: str | None) -> list[str]:
    """Hand a command over (None: only let time pass), note the state, return the lines it answers."""
    with lock:
        answer = simulator.handle(command or "")
        state = {
            "at": time.time(),
            "command": command,
            "motor": simulator.motor,
            "heating": simulator.heating,
            "speed": simulator.speed,
            "speed_setpoint": simulator.speed_setpoint,
            "plate": simulator.plate_c,
            "temp_setpoint": simulator.temp_setpoint_c,
            "wd_mode": simulator.wd_mode,
            "wd_time": simulator.wd_time_s,
            "wd_tripped": simulator.wd_tripped,
        }
        log.write(json.dumps(state) + "\n")
        log.flush()
    return [answer] if isinstance(answer, str) else answer or []


class Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that was killed
            for raw in self.rfile:
                for answer in ask(raw.decode("ascii").strip()):
                    self.wfile.write(f"{answer}\r\n".encode("ascii"))


socketserver.ThreadingTCPServer.daemon_threads = True
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ask(None)
    print(f"ready socket://127.0.0.1:{server.server_address[1]}", flush=True)
    while True:
        time.sleep(0.2)
        ask(None)
