"""Reads pairs of values, one JSON list a line; writes the edits by which Gradio itself would tell the change."""

import json
import sys

from gradio.utils import diff

for line in sys.stdin:
    old, new = json.loads(line)
    print(json.dumps(diff(old, new)), flush=True)
