"""Drive a stirrer-hotplate at the given URL with labmcp-ika's driver as it is."""

import json
import sys
import time

from labmcp.transports.tcp import TCPTransport
from labmcp_ika.driver import IKAStirrer

host, port = sys.argv[1].removeprefix("socket://").split(":")
line = TCPTransport(host, int(port), timeout=2, read_termination="\r\n", write_termination=" \r\n")
plate = IKAStirrer(line)
told = {"model": plate.identify()["model"], "plate_before": plate.hotplate_temperature_c()}
plate.set_speed(300)
plate.start_motor()
plate.set_temperature(50)
plate.start_heater()
plate.set_watchdog_safety_values(30, 100)
plate.enable_watchdog(2, 20, keepalive_interval_s=1)
time.sleep(5)
told |= {
    "speed_set": plate.speed_setpoint_rpm(),
    "speed": plate.speed_rpm(),
    "temperature_set": plate.temperature_setpoint_c(),
    "safety": plate.safety_temperature_c(),
}
plate.disable_watchdog()
told["watchdog2"] = "cancelled" if plate.watchdog_state()["mode"] is None else "armed"
plate.enable_watchdog(1, 20, keepalive_interval_s=5)
time.sleep(23)
told |= {"plate_after": plate.hotplate_temperature_c(), "speed_fed": plate.speed_rpm()}
plate._stop_keepalive()  # the only way to leave the watchdog alone without hanging up
time.sleep(26)
told["speed_left_alone"] = plate.speed_rpm()
plate.close()
print(json.dumps(told))
