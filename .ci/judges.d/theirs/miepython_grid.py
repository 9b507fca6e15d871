"""Print extinction efficiency and anisotropy for [[index, size parameter], ...]."""

import json
import os
import sys
from pathlib import Path

os.environ["MIEPYTHON_USE_JIT"] = "0"
import miepython  # noqa: E402 - the variable is read at import

answers = []
for index, size in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
    extinction, _, _, anisotropy = miepython.efficiencies_mx(index, size)
    answers.append({"extinction": float(extinction), "anisotropy": float(anisotropy)})
print(json.dumps(answers))
