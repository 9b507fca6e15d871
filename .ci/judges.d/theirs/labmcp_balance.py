"""Read a balance at the given URL with labmcp-mettler-toledo's driver as it is."""

import inspect
import json
import sys
from dataclasses import asdict

import labmcp_mettler_toledo.driver as module
from labmcp.errors import InstrumentError
from labmcp.transports.tcp import TCPTransport

host, port = sys.argv[1].removeprefix("socket://").split(":")
line = TCPTransport(host, int(port), timeout=5, read_termination="\r\n", write_termination="\r\n")
[driver] = [one for _, one in inspect.getmembers(module, inspect.isclass) if hasattr(one, "preset_tare")]
scales = driver(line)
told = {"identity": scales.identify(), "weight": asdict(scales.weight())}
told["at_once"] = asdict(scales.weight(stable=False))
told["tare"] = asdict(scales.tare())
told["after_tare"] = asdict(scales.weight())
scales.clear_tare()
told["after_clear"] = asdict(scales.weight())
told["preset"] = asdict(scales.preset_tare(12.5, "g"))
told["after_preset"] = asdict(scales.weight())
told["reset"] = scales.reset()
try:
    told["unknown"] = scales.command("QQQ")
except InstrumentError as error:
    told["unknown"] = str(error)
print(json.dumps(told))
