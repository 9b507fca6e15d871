"""Drive a stirrer-hotplate at the given URL with matterlab-hotplates as it is."""

import json
import sys
import time

from matterlab_hotplates import IKAHotplate

plate = IKAHotplate(com_port=sys.argv[1], timeout=1.0)
plate.rpm = 500
plate.temp = 60
time.sleep(2)
told = {"rpm": plate.rpm, "temp": plate.temp}
plate.stand_by()
time.sleep(4)
print(json.dumps({**told, "rpm_after": plate.rpm}))
