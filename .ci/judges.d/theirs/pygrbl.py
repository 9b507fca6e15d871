"""Drive a GRBL machine at the given terminal with pygrbl-streamer as it is."""

import json
import re
import sys
import threading
import time

from pygrbl_streamer import GrblStreamer

heard: list[str] = []
machine = GrblStreamer(sys.argv[1], auto_unlock=False)
machine.receive_callback = heard.append
machine.log_callback = lambda *_: None
machine.error_callback = lambda *_: None
machine.alarm_callback = lambda *_: None
machine.progress_callback = lambda *_: None


def status() -> tuple[str, list[float]]:
    """Ask for a report and return state and position."""
    before = machine.last_status.get("time", 0)
    machine.realtime(b"?")
    end = time.monotonic() + 3
    while machine.last_status.get("time", 0) <= before and time.monotonic() < end:
        time.sleep(0.02)
    raw = machine.last_status["raw"]
    place = re.search(r"MPos:([-\d.,]+)", raw)
    return machine.last_status["state"], [float(one) for one in place[1].split(",")] if place else []


def answer(line: str) -> str:
    """Send a line and return what came back for it."""
    machine.command(line)
    time.sleep(0.3)
    return next((text.strip() for text in reversed(heard) if text.strip().startswith(("ok", "error"))), "")


told: dict[str, object] = {}
machine.connect()
time.sleep(0.3)
told["banner"] = next((text.strip() for text in heard if text.strip().startswith("Grbl")), "")
told["locked"] = answer("G0 X10")
told["homed"] = machine.home(timeout=60, wait_idle=True)
wave = [f"G1 X{100 + n % 5}.25 Y{50 + n % 3}.5 F6000" for n in range(56)]
told["streamed"] = machine.stream(["G21 G90 G94 G54", "G0 X100 Y50", *wave, "G1 X120 Y50 F6000", "G4 P0"])
time.sleep(0.5)
told["position"] = status()[1]

job = threading.Thread(target=lambda: told.update(resumed=machine.stream(["G1 X20 Y50 F1500", "G4 P0"])))
job.start()
time.sleep(1.5)
machine.pause()
time.sleep(1.0)
told["held"], first = status()
time.sleep(0.5)
second = status()[1]
told["drift"] = max(abs(a - b) for a, b in zip(first, second, strict=True))
machine.resume()
job.join(30)

told["unknown"] = answer("G38.2 X10 F100")
told["garbage"] = answer("1234")

for word, reset in (
    ("after_hold_and_reset", machine.stop),
    ("after_reset", lambda: machine.realtime(b"\x18")),
):
    job = threading.Thread(target=lambda: machine.stream(["G1 X300 Y200 F600"]))
    job.start()
    time.sleep(1.0)
    reset()
    time.sleep(1.5)
    told[word] = status()[0]
    told[word + "_alarm"] = next((text.strip() for text in reversed(heard) if text.startswith("ALARM")), "")
    recovered = machine.reset() and machine.home(
        timeout=60, wait_idle=True
    )  # ends the stream that waits, too
    job.join(20)
    told["recovered"] = told.get("recovered", True) and recovered and not job.is_alive()

carry = ["G0 X40 Y30", "M5", "G4 P0.6", "M8", "G4 P0.7", "M3 S1000", "G4 P0.6", "M9", "G4 P0.7"]
carry += ["G0 X75 Y30", "M8", "G4 P0.7", "M5", "G4 P0.6", "M9", "G4 P0.7"]
told["carried"] = machine.stream(carry)
time.sleep(0.5)
machine.disconnect()
print(json.dumps(told))
