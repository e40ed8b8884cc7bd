"""Ten million frames, random and changed, for each decoder of what nodes say: none panics, none takes two forms for one."""

import json
import os
import pathlib
import re
import subprocess
import sys

N_FRAMES = int(os.environ.get("EPITRACE_FUZZ_FRAMES", "10000000"))
DECODERS = ["beacons", "reports", "the_published_json", "united_contacts"]
done = subprocess.run(
    ["cargo", "test", "-q", "--release", "--locked", "-p", "protocol", "--test", "nodes", "fuzz::"],
    env={**os.environ, "EPITRACE_FUZZ_FRAMES": str(N_FRAMES)},
    stdout=subprocess.PIPE,
    text=True,
    check=False,
)
passed = re.search(r"test result: ok\. (\d+) passed", done.stdout)
if done.returncode != 0 or not passed or int(passed[1]) < len(DECODERS):
    sys.exit(done.stdout[-4000:] or 1)
rows = []
for decoder in DECODERS:
    print(f"{decoder:24} {N_FRAMES:>12,} frames, none panicked")
    rows.append({"figure": f"panics while decoding {decoder.replace('_', ' ')}", "value": 0, "unit": "panics", "peer": None,
                 "ratio": None, "goal": "0", "met": True, "n": {"frames": N_FRAMES},
                 "method": "a fifth random bytes behind a right first byte, the others real frames in which bits, bytes or the "
                           "length were changed; what is taken is written again and compared"})
path = pathlib.Path("target/drill/frames.json")
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(rows, indent=2))
