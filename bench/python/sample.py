"""One sample of gradio_client: `python sample.py <name> <params as JSON>`. Prints its figures in its last line."""

import gc
import json
import os
import resource
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

WARM_UP = 3
MEASURED = 3


class Took:
    """CPU in microseconds and wall time in milliseconds of a block."""

    def __enter__(self):
        self.start, self.before = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.cpu = (time.process_time() - self.before) * 1e6
        self.ms = (time.perf_counter() - self.start) * 1e3


def check(holds, sentence):
    """Exits with an error if values are wrong, so that they are not measured."""
    if not holds:
        raise AssertionError(sentence)


def connect_to(given):
    from gradio_client import Client

    return Client(
        given["url"], verbose=False, analytics_enabled=False, download_files=given["folder"], max_workers=64
    )


def echo(client, text):
    check(client.predict(text, api_name="/echo") == text, "The echo is wrong.")


def stream(client, given):
    values = list(client.submit("", api_name="/steps"))
    wanted = [f"step {index}, of a story that is long enough" for index in range(given["outputs"])]
    check(values == wanted, "The steps came in another order, or are other ones.")


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def connect(given):
    with Took() as took:
        client = connect_to(given)
    echo(client, "once")
    return {"cpu": took.cpu / 1e3}


def trips(given):
    with Took() as connected:
        client = connect_to(given)
    with Took() as first:
        echo(client, "x")
    with Took() as later:
        for _ in range(given["calls"]):
            echo(client, "x")
    delay = given["delay"]
    return {"connect": connected.ms / delay, "first": first.ms / delay, "later": later.ms / given["calls"] / delay}


def first(given):
    client = connect_to(given)
    start = time.perf_counter()
    job = client.submit("", api_name="/steps")
    next(iter(job))
    return {"ms": (time.perf_counter() - start) * 1e3}


def sequential(given):
    client, calls = connect_to(given), given["calls"]
    echo(client, "x")
    with Took() as took:
        for call in range(calls):
            echo(client, f"call {call}")
    return {"ms": took.ms / calls, "cpu": took.cpu / calls / 1e3}


def at_once(given):
    client = connect_to(given)
    texts = [f"call {call}" for call in range(given["calls"])]
    with Took() as took:
        jobs = [client.submit(text, api_name="/echo") for text in texts]
        check([job.result() for job in jobs] == texts, "The echoes are mixed up.")
    return {"cpu": took.cpu / 1e3}


def events(given):
    client = connect_to(given)
    with Took() as cold:
        stream(client, given)
    for _ in range(WARM_UP):
        stream(client, given)
    with Took() as warm:
        for _ in range(MEASURED):
            stream(client, given)
    count = given["outputs"] * MEASURED
    return {"first": cold.cpu / given["outputs"], "warm": warm.cpu / count, "rate": count / warm.ms * 1e3}


def jobs(given):
    client, calls = connect_to(given), given["calls"]

    def run():
        with ThreadPoolExecutor(calls) as pool:
            list(pool.map(lambda _: stream(client, given), range(calls)))

    run()
    with Took() as took:
        run()
    return {"cpu": took.cpu / (calls * given["outputs"])}


def grow(given):
    client, outputs = connect_to(given), given["outputs"]

    def run():
        texts = list(client.submit("", api_name="/grow"))
        check(len(texts) == outputs and texts[-1].endswith(f"{outputs - 1:08d}. "), "The text is another one.")

    run()
    with Took() as took:
        run()
    return {"cpu": took.cpu / outputs}


def table(given):
    client, outputs = connect_to(given), given["outputs"]
    with Took() as took:
        values = list(client.submit("", api_name="/table"))
    check(len(values) == outputs + 1, "Outputs are missing.")
    scores = [(value["groups"][index * 7 % 100]["rows"][index * 13 % 100]["score"], 1000 + index)
              for index, value in enumerate(values[1:])]
    return {"cpu": took.cpu / outputs, "changed": sum(got != wanted for got, wanted in scores)}


def value(given):
    client = connect_to(given)
    with Took() as took:
        got = client.predict("", api_name="/large")
    check(got[7][0] == 7 and len(got) > 1000, "The large value is another one.")
    return {"cpu": took.cpu / 1e3 / given["megabytes"]}


def memory(given):
    client, calls = connect_to(given), given["calls"]

    def run():
        for _ in range(calls):
            echo(client, "x")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    run()
    tracemalloc.start()
    run()
    before = tracemalloc.get_traced_memory()[0]
    return {"bytes": (run() - before) / calls}


def upload(given):
    from gradio_client import handle_file

    client = connect_to(given)
    with Took() as took:
        said = client.predict(handle_file(os.path.join(given["folder"], "sent.bin")), api_name="/take")
    check(said == "taken", "The call with the file said something else.")
    return {"ms": took.ms, "peak": peak()}


def download(given):
    client = connect_to(given)
    with Took() as took:
        path = client.predict("", api_name="/give")
    check(os.path.getsize(path) == given["megabytes"] * 1048576, "The file has another size.")
    return {"ms": took.ms, "peak": peak()}


def close(given):
    client = connect_to(given)
    echo(client, "x")
    closing = int(time.time() * 1e3)
    client.close()
    return {"closing": closing}


def load(_):
    with Took() as took:
        import gradio_client  # noqa: F401
    return {"cpu": took.cpu / 1e3}


SAMPLES = {
    "import": load,
    "connect": connect,
    "trips": trips,
    "first": first,
    "sequential": sequential,
    "atOnce": at_once,
    "events": events,
    "jobs": jobs,
    "grow": grow,
    "table": table,
    "value": value,
    "memory": memory,
    "upload": upload,
    "download": download,
    "close": close,
}

if __name__ == "__main__":
    figures = SAMPLES[sys.argv[1]](json.loads(sys.argv[2]))
    print(f"\nfigures {json.dumps(figures)}", flush=True)
