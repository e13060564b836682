"""Calls every endpoint of the running app without a client, and prints its messages: python3 exercise.py URL.

One line for each endpoint: name, outcome, kinds of messages, final data. Exits with 1 if an endpoint does not work as app.py
defines. It shows the messages of a version; it does not test a client.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.error

import probe

# name: data, whether it must succeed, and a check of the final data (None: any)
CALLS = {
    "echo": (["héllo ✓"], True, ["héllo ✓"]),
    "two": (["ab", 2], True, ["AB", 4]),
    "none": ([], True, None),
    "nothing_in": ([], True, ["pong"]),
    "defaults": (["hello", 3, True, "b", 0.5], True, ["hello|3|True|b|0.5"]),
    "counter": ([2, None], True, [2, None]),
    "update": (["text"], True, None),
    "headers": (["accept"], True, None),
    "json": ([{"a": [1, None]}], True, [{"a": [1, None]}]),
    "big": ([100000], True, ["x" * 100000]),
    "generate": (["abc", 0.01], True, ["abc"]),
    "generate_json": ([2], True, [["now", {"a": "list"}, 3.5, None, True, "ünïcødé ✓"]]),
    "shrink": ([], True, None),
    "skips": ([], True, None),
    "generate_two": ([4], True, ["step 3", 1]),
    "generate_none": ([], None, None),
    "progress": ([2], True, ["done"]),
    "progress_tqdm": ([3], True, ["done"]),
    "logs": (["text"], True, ["text"]),
    "fail": (["told"], False, None),
    "fail_fully": (["told fully"], False, None),
    "crash": (["secret"], False, None),
    "fail_midway": ([2], False, None),
    "slow": ([0.1], True, [0.1]),
    "slow_one": ([0.1], True, [0.1]),
    "burst": (["x", 20], True, ["x step 19"]),
    "watched": (["key", 3, 0], True, [2]),
    "watched_one": (["key", 3, 0], True, [2]),
    "record": (["key"], True, [{"started": 2, "finished": 2, "stopped": 0}]),
    "direct": (["text"], None, None),
    "direct_generate": ([3], None, None),
    "batch": (["a"], True, ["a of 1"]),
    "undocumented": (["text"], True, ["undocumented text"]),
    "file_make": (["made.txt", 10], True, None),
    "files_make": ([2], True, None),
    "file_info": ([None], True, None),
    "image_flip": ([None], True, None),
    "image_array": ([], True, None),
    "audio_tone": ([None, 0.1], True, None),
    "gallery": ([2], True, None),
    "table": ([{"headers": ["name", "value"], "data": [["a", 1], ["b", 2]], "metadata": None}], True, None),
    "chat": (["hi", []], True, None),
}


def run(root, config, name, data):
    index, one = next((i, one) for i, one in enumerate(config["dependencies"]) if one.get("api_name") == name)
    messages = list(probe.call(root, config, one.get("id", index), data))
    last = next((one for one in reversed(messages) if one.get("msg") == probe.FINAL), {})
    return messages, last


def main():
    root, wanted = sys.argv[1].rstrip("/"), sys.argv[2:]
    config = probe.get_json(f"{root}/config")
    wrong = []
    for name, (data, success, expected) in CALLS.items():
        if wanted and name not in wanted:
            continue
        try:
            messages, last = run(root, config, name, data)
        except (OSError, StopIteration, KeyError) as error:
            messages, last = [], {"output": {"error": repr(error)}}
        output = last.get("output") or {}
        good = success is None or (last.get("success") is success and (expected is None or output.get("data") == expected))
        if not good:
            wrong.append(name)
        kinds = [message.get("msg", "joined") for message in messages]
        counted = " ".join(f"{kind}*{kinds.count(kind)}" for kind in dict.fromkeys(kinds))
        shown = json.dumps(output.get("data") if last.get("success") else output, ensure_ascii=False)
        print(f"{'ok ' if good else 'BAD'} {name:14} success={last.get('success')} [{counted}] {shown[:200]}", flush=True)

    if not wanted:
        for check in (batched, one_at_a_time):
            good, shown = check(root, config)
            print(f"{'ok ' if good else 'BAD'} {check.__name__:14} {shown}", flush=True)
            if not good:
                wrong.append(check.__name__)
    print("wrong: " + (" ".join(wrong) or "nothing"))
    sys.exit(bool(wrong))


def together(root, config, name, datas):
    """Final messages of calls of one endpoint that run at the same time."""
    lasts = [None] * len(datas)

    def one(place):
        lasts[place] = run(root, config, name, datas[place])[1]

    threads = [threading.Thread(target=one, args=[place]) for place in range(len(datas))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lasts


def batched(root, config):
    lasts = together(root, config, "batch", [[str(place)] for place in range(8)])
    data = [(last.get("output") or {}).get("data") for last in lasts]
    return all(last.get("success") for last in lasts), json.dumps(data)


def one_at_a_time(root, config):
    """Three calls of half a second: at least 1.5 s where concurrency_limit is known (4.0 on)."""
    start = time.monotonic()
    lasts = together(root, config, "slow_one", [[0.5]] * 3)
    seconds = time.monotonic() - start
    limited = not str(config.get("version")).startswith("3.")
    return all(last.get("success") for last in lasts) and (seconds >= 1.5 or not limited), f"{seconds:.1f} s"


if __name__ == "__main__":
    main()
