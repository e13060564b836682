"""Reads pairs of values, one JSON list per line; writes the edits of Gradio's own diff function."""

import json
import sys

from gradio.utils import diff

for line in sys.stdin:
    old, new = json.loads(line)
    print(json.dumps(diff(old, new)), flush=True)
