"""The app of the contract suite, on real Gradio: python app.py --port 7500 [--root-path /prefix].

test/contract/embedded.ts is its twin on the embedded server. The endpoints and their names are the same on every version of
Gradio, 3.50 to 6.x: where versions differ, the switch is on what the installed one accepts (`supported`), or on VERSION.
mount.py serves this same app in another way.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import wave

REAL_STDOUT = sys.stdout
sys.stdout = sys.stderr  # stdout carries the one line `ready URL` and nothing else

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
FILES = tempfile.mkdtemp(prefix="gradio-server-")  # uploads and made files; removed at the end
os.environ["GRADIO_TEMP_DIR"] = FILES

import gradio as gr  # noqa: E402
import numpy as np  # noqa: E402
import uvicorn  # noqa: E402
from PIL import Image  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from tqdm import tqdm  # noqa: E402

VERSION = tuple(int(part) for part in gr.__version__.split(".")[:2])

# Settings, from the environment (serve.sh passes its own environment on).
MAX_SIZE = int(os.environ.get("GRADIO_APP_MAX_SIZE", "64"))  # jobs that may wait; one more is refused: queue full
CONCURRENCY = int(os.environ.get("GRADIO_APP_CONCURRENCY", "8"))  # 3.x: workers of the whole app; later: for each endpoint
SHOW_ERROR = os.environ.get("GRADIO_APP_SHOW_ERROR", "") == "1"  # whether /crash tells its message
MAX_FILE_SIZE = os.environ.get("GRADIO_APP_MAX_FILE_SIZE") or None  # such as "1mb"; versions without the setting ignore it


def supported(function, **options):
    """Options that a function of this Gradio version accepts."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known}


def path_of(file):
    """Path of a file: 3.x passes a file object, later versions a path."""
    return getattr(file, "name", file)


def temporary(suffix):
    handle, path = tempfile.mkstemp(suffix=suffix, dir=FILES)
    os.close(handle)
    return path


# --- values -----------------------------------------------------------------------------------------------------------


def echo(text):
    return text


def same(value):
    return value


def two(text, number):
    return text.upper(), number * 2


def none():
    return None


def nothing_in():
    return "pong"


def defaults(text="hello", number=3, flag=True, choice="b", level=0.5):
    return f"{text}|{number:g}|{flag}|{choice}|{level:g}"


def counter(step, count):
    count += int(step)
    return count, count


def update(text):
    return gr.update(value=text, label="renamed")


def headers(names, request: gr.Request):
    """Request headers of the call, for tests of tokens, cookies and custom headers."""
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    seen = dict(request.headers)
    return {
        "headers": {key: value for key, value in seen.items() if not wanted or key.lower() in wanted},
        "query": dict(request.query_params),
        "username": getattr(request, "username", None),
        "session_hash": getattr(request, "session_hash", None),
    }


def big(size):
    return "x" * int(size)


# --- generators -------------------------------------------------------------------------------------------------------


def generate(text, delay):
    """Growing text: one character more each time."""
    RUNS.setdefault(text[:100], []).append(Run())
    for end in range(1, len(text) + 1):
        time.sleep(delay)
        yield text[:end]


def generate_json(steps):
    """Lists and dicts that grow, change, shrink and nest: every kind of diff, in order."""
    value = {"items": [], "name": "start", "nested": {"deep": [1, 2, 3]}}
    yield value
    for step in range(int(steps)):
        value = {**value, "items": [*value["items"], {"id": step, "text": "a" * step}]}
        yield value
    yield {**value, "name": "start and more"}  # append to a string
    yield {**value, "name": "other"}  # replace a string
    yield {**value, "nested": {"deep": [1, 9, 3], "new": None}}  # replace in a list, add a key
    yield {"items": value["items"][:1], "name": "end"}  # delete from a list, delete a key
    yield ["now", "a", "list"]
    yield ["now", {"a": "list"}, 3.5, None, True, "ünïcødé ✓"]


def shrink():
    """A table that loses rows and columns: list deletes inside list deletes."""
    yield {"headers": ["a", "b", "c"], "data": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
    yield {"headers": ["a", "b"], "data": [[1, 2], [4, 5]]}
    yield {"headers": ["a"], "data": [[1]]}


skip = getattr(gr, "skip", None) or gr.helpers.skip  # there from the start, public later


def skips():
    """Updates without a value: before there is one, and after."""
    yield skip()
    yield "one"
    yield skip()
    yield gr.update(value="two")


def cached(text):
    return f"cached {text}"


def direct_generate(count):
    yield from range(int(count))


def generate_two(count):
    """Two outputs; the second changes at every other step only."""
    for step in range(int(count)):
        time.sleep(0.02)
        yield f"step {step}", step // 2


def generate_none():
    """A generator that yields nothing at all."""
    yield from ()


def infinite(delay):
    """Runs until it is cancelled."""
    step = 0
    while True:
        yield step
        step += 1
        time.sleep(max(float(delay), 0.01))


# --- progress, logs, errors -------------------------------------------------------------------------------------------


def progress(steps, progress=gr.Progress()):
    """Nested bars, then a fraction, then a pair with a unit."""
    for _ in progress.tqdm(range(int(steps)), desc="outer"):
        for _ in progress.tqdm(range(2), desc="inner", unit="files"):
            time.sleep(0.12)
    progress(0.75, desc="fraction")
    time.sleep(0.12)
    progress((9, 10), desc="pair", unit="rows")
    time.sleep(0.12)
    return "done"


def progress_tqdm(steps, progress=gr.Progress(track_tqdm=True)):
    for _ in tqdm(range(int(steps)), desc="tracked"):
        time.sleep(0.12)
    return "done"


def logs(text):
    gr.Info(f"info {text}")
    gr.Warning(f"warning {text}")
    if hasattr(gr, "Success"):
        gr.Success(f"success {text}", duration=None, title="Good")
    return text


def fail(message):
    raise gr.Error(message)


def fail_fully(message):
    """gr.Error with all options that this version has."""
    raise gr.Error(message, **supported(gr.Error.__init__, duration=3, title="Title", visible=True, print_exception=False))


def crash(message):
    raise ValueError(message)


def fail_midway(count):
    for step in range(int(count)):
        yield f"step {step}"
        time.sleep(0.02)
    raise gr.Error("midway")


# --- time and order ---------------------------------------------------------------------------------------------------


def slow(seconds):
    time.sleep(float(seconds))
    return float(seconds)


def slow_one(seconds):
    return slow(seconds)


def burst(name, steps):
    """Many outputs without a pause."""
    for step in range(int(steps)):
        yield f"{name} step {step}"


class Run:
    """State of one run of `watched`."""

    def __init__(self):
        self.end = None
        self.waits_since = None  # when it gave its last value; nothing while it works on the next one

    def is_stopped(self):
        if self.end is None and LETS_GO and self.waits_since is not None:
            return time.monotonic() - self.waits_since > 1
        return self.end == "stopped"


# Before 6.0 the generator of a cancelled call is released and not closed: its next value is then not requested.
LETS_GO = VERSION < (6, 0)
RUNS = {}


def watched(key, steps, delay):
    """Counts, and records its state under its key."""
    run = Run()
    RUNS.setdefault(key, []).append(run)
    try:
        for step in range(int(steps)):
            run.waits_since = time.monotonic()
            yield step
            run.waits_since = None
            time.sleep(float(delay))
        run.end = "finished"
    finally:
        run.end = run.end or "stopped"


def watched_one(key, steps, delay):
    """The same with one call at a time. A function of its own, as endpoints with the same function share one queue."""
    yield from watched(key, steps, delay)


def record(key):
    """Records of the calls with this key."""
    runs = RUNS.get(key, [])
    return {
        "started": len(runs),
        "finished": sum(run.end == "finished" for run in runs),
        "stopped": sum(run.is_stopped() for run in runs),
    }


def direct(text):
    return f"direct {text}"


def direct_fail(message):
    raise gr.Error(message)


def batch(texts):
    """One call for up to four jobs; each output says how many ran together."""
    time.sleep(0.2)
    return [[f"{text} of {len(texts)}" for text in texts]]


def private(text):
    return f"private {text}"


def undocumented(text):
    return f"undocumented {text}"


# --- media ------------------------------------------------------------------------------------------------------------


def file_info(file):
    if file is None:
        return {"name": None, "size": None, "head": None}
    with open(path_of(file), "rb") as stream:
        content = stream.read()
    return {"name": os.path.basename(path_of(file)), "size": len(content), "head": content[:16].hex()}


def files_info(files):
    return [file_info(file) for file in files or []]


def file_echo(file):
    return path_of(file)


def file_make(name, size):
    """A file of the given name and size, made by the server."""
    folder = tempfile.mkdtemp(dir=FILES)
    path = os.path.join(folder, os.path.basename(name) or "file.txt")
    with open(path, "wb") as stream:
        stream.write(b"x" * int(size))
    return path


def files_make(count):
    return [file_make(f"file {index}.txt", index + 1) for index in range(int(count))]


def image_flip(image):
    """The image upside down, as PNG; a 4 by 3 image without input."""
    source = Image.open(image) if image else Image.new("RGB", (4, 3), "red")
    path = temporary(".png")
    source.transpose(Image.FLIP_TOP_BOTTOM).save(path)
    return path


def image_array():
    return np.zeros((3, 4, 3), dtype=np.uint8)


def audio_tone(audio, seconds):
    """The sound that was passed, or silence of the given length."""
    if audio:
        return audio
    path = temporary(".wav")
    with wave.open(path, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * int(8000 * float(seconds)))
    return path


def audio_stream(count, delay):
    """A tone in pieces of a quarter of a second, played while it is generated."""
    tone = (8000 * np.sin(np.arange(2000) / 5)).astype(np.int16)
    for _ in range(int(count)):
        yield 8000, tone
        time.sleep(float(delay))


def gallery(count):
    return [(image_flip(None), f"picture {index}") for index in range(int(count))]


def table(rows):
    return [[cell for cell in row] for row in rows] + [["added", 1]]


# 4.0 to 4.15: a batch counts its first job twice, which ends the queue of the whole app. A batch of one job avoids that.
MAX_BATCH_SIZE = 1 if (4, 0) <= VERSION < (4, 16) else 4

MESSAGES = VERSION >= (5, 0)  # before: chats are pairs; 6.x knows messages only


def chat(message, history):
    """Streams an answer of three words into the history."""
    history = list(history or [])
    for end in range(1, 4):
        answer = " ".join(["you", "said", message][:end])
        time.sleep(0.02)
        if MESSAGES:
            yield [*history, {"role": "user", "content": message}, {"role": "assistant", "content": answer}]
        else:
            yield [*history, [message, answer]]


# --- the app ----------------------------------------------------------------------------------------------------------


def build():
    with gr.Blocks(title="Gradio of every generation", **supported(gr.Blocks.__init__, analytics_enabled=False)) as demo:

        def endpoint(function, inputs, outputs, name=None, **options):
            button = gr.Button(name or function.__name__)
            known = supported(button.click, **options)
            known.setdefault("api_name", name or function.__name__)
            return button.click(function, inputs, outputs, **known)

        def text(label="text", value=None):
            return gr.Textbox(label=label, value=value)

        def number(label="number", value=None):
            return gr.Number(label=label, value=value)

        endpoint(echo, [text()], [text("output")])
        endpoint(two, [text(), number()], [text("upper"), number("double")])
        endpoint(none, [], [])
        endpoint(nothing_in, [], [text("output")])
        endpoint(
            defaults,
            [
                text(value="hello"),
                number(value=3),
                gr.Checkbox(label="flag", value=True),
                gr.Dropdown(["a", "b", "c"], label="choice", value="b"),
                gr.Slider(0, 1, value=0.5, label="level"),
            ],
            [text("output")],
        )
        count = gr.State(0)
        endpoint(counter, [number("step", 1), count], [number("count"), count])
        endpoint(update, [text()], [text("output")])
        endpoint(headers, [text("names", "")], [gr.JSON(label="seen")])
        endpoint(same, [gr.JSON(label="value")], [gr.JSON(label="value")], name="json")
        endpoint(big, [number("size", 1000)], [text("output")])

        endpoint(generate, [text(value="growing"), number("delay", 0.02)], [text("output")])
        endpoint(generate_json, [number("steps", 3)], [gr.JSON(label="value")])
        endpoint(shrink, [], [gr.Dataframe(label="value")])
        endpoint(skips, [], [text("output")])
        remembered = gr.cache(cached) if hasattr(gr, "cache") else cached
        endpoint(remembered, [text()], [text("output")], name="cached")
        endpoint(generate_two, [number("count", 4)], [text("first"), number("second")])
        endpoint(generate_none, [], [text("output")])
        endless = endpoint(infinite, [number("delay", 0.1)], [number("step")], concurrency_limit=4)
        stop = gr.Button("stop")
        stop.click(None, None, None, cancels=[endless], **supported(stop.click, queue=False))

        endpoint(progress, [number("steps", 2)], [text("output")])
        endpoint(progress_tqdm, [number("steps", 4)], [text("output")])
        endpoint(logs, [text()], [text("output")])
        endpoint(fail, [text("message", "told")], [text("output")])
        endpoint(fail_fully, [text("message", "told fully")], [text("output")])
        endpoint(crash, [text("message", "secret")], [text("output")])
        endpoint(fail_midway, [number("count", 2)], [text("output")])

        endpoint(slow, [number("seconds", 1)], [number("slept")])
        endpoint(slow_one, [number("seconds", 1)], [number("slept")], concurrency_limit=1)
        endpoint(burst, [text("name"), number("steps", 100)], [text("output")], concurrency_limit=None)
        pace = [text("key"), number("steps", 3), number("delay", 0.05)]
        endpoint(watched, pace, [number("step")], concurrency_limit=None)
        endpoint(watched_one, pace, [number("step")], concurrency_limit=1)
        endpoint(record, [text("key")], [gr.JSON(label="record")], concurrency_limit=None)
        endpoint(direct, [text()], [text("output")], queue=False)
        endpoint(direct_generate, [number("count", 3)], [number("step")], queue=False)
        endpoint(direct_fail, [text("message", "told")], [text("output")], queue=False)
        endpoint(batch, [text()], [text("output")], batch=True, max_batch_size=MAX_BATCH_SIZE)
        # 6.x names visibility; before, an endpoint without a name is private and show_api=False hides it from the page.
        if "api_visibility" in inspect.signature(stop.click).parameters:
            endpoint(private, [text()], [text("output")], api_visibility="private")
            endpoint(undocumented, [text()], [text("output")], api_visibility="undocumented")
        else:
            endpoint(private, [text()], [text("output")], api_name=False)
            endpoint(undocumented, [text()], [text("output")], show_api=False)

        endpoint(file_info, [gr.File(label="file")], [gr.JSON(label="info")])
        endpoint(files_info, [gr.File(label="files", file_count="multiple")], [gr.JSON(label="info")])
        endpoint(file_echo, [gr.File(label="file")], [gr.File(label="output")])
        endpoint(file_make, [text("name", "made.txt"), number("size", 10)], [gr.File(label="output")])
        endpoint(files_make, [number("count", 2)], [gr.File(label="output", file_count="multiple")])
        endpoint(image_flip, [gr.Image(label="image", type="filepath")], [gr.Image(label="output", type="filepath")])
        endpoint(image_array, [], [gr.Image(label="output")])
        endpoint(audio_tone, [gr.Audio(label="audio", type="filepath"), number("seconds", 0.1)], [gr.Audio(label="output")])
        if VERSION >= (5, 0):  # before, a stream was the bare bytes of one sound; what makes the pieces now is ffmpeg
            streamed = gr.Audio(label="output", streaming=True)
            endpoint(audio_stream, [number("count", 3), number("delay", 0.3)], [streamed], concurrency_limit=None)
        endpoint(gallery, [number("count", 2)], [gr.Gallery(label="output")])
        endpoint(
            table,
            [gr.Dataframe(headers=["name", "value"], datatype=["str", "number"], type="array", label="rows")],
            [gr.Dataframe(headers=["name", "value"], label="output")],
        )
        # A component with a server function of its own; no endpoint uses it.
        root = "root_dir" if supported(gr.FileExplorer.__init__, root_dir=".") else "root"
        gr.FileExplorer(glob="*.py", label="explorer", **{root: os.path.dirname(os.path.abspath(__file__))})
        chatbot = gr.Chatbot(label="chat", **(supported(gr.Chatbot.__init__, type="messages") if MESSAGES else {}))
        endpoint(chat, [text("message"), chatbot], [chatbot])

    queue = supported(demo.queue, max_size=MAX_SIZE, default_concurrency_limit=CONCURRENCY)
    if "default_concurrency_limit" not in queue:
        queue.update(supported(demo.queue, concurrency_count=CONCURRENCY))
    demo.queue(**queue)
    return demo


# --- counting ---------------------------------------------------------------------------------------------------------


class Counter:
    """Counts the requests that carry `x-run: NAME`, by method and path; `/counts?run=NAME` returns them to any page."""

    runs = {}

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["path"] == "/counts":
            run = scope["query_string"].decode().removeprefix("run=")
            body = json.dumps(self.runs.get(run, {})).encode()
            head = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            return await send({"type": "http.response.body", "body": body})
        run = dict(scope["headers"]).get(b"x-run")
        if run:
            counts = self.runs.setdefault(run.decode(), {})
            key = f"{scope['method']} {scope['path']}"
            counts[key] = counts.get(key, 0) + 1
        return await self.app(scope, receive, send)


# --- running it -------------------------------------------------------------------------------------------------------


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--root-path", default=None)
    return parser.parse_args()


def announce(url, deadline=120):
    """Prints `ready URL` once URL/config responds; status 401 of an app with a login counts, too."""
    local = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + deadline
    while True:
        try:
            local.open(f"{url}/config", timeout=5).read()
            break
        except urllib.error.HTTPError as error:
            if error.code == 401:
                break
        except OSError:
            pass
        if time.monotonic() > end:
            sys.exit(f"{url}/config did not answer within {deadline} s")
        time.sleep(0.1)
    print(f"ready {url}", file=REAL_STDOUT, flush=True)


def leave():
    """Ends the process at once: threads of endless generators would block a graceful exit."""
    shutil.rmtree(FILES, ignore_errors=True)
    os._exit(0)


def serve(application, port, path):
    """Serves a FastAPI application that has an app under a path, until a signal ends the process."""
    threading.Thread(target=announce, args=[f"http://127.0.0.1:{port}{path}"], daemon=True).start()
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)
    )
    # uvicorn exits on SIGTERM, then calls the signal handler that was set before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave())
    server.run()
    leave()


def launch(demo, **extra):
    given = options()
    settings = {
        "server_name": "127.0.0.1",
        "server_port": given.port,
        "root_path": given.root_path,
        "prevent_thread_lock": True,
        "quiet": True,
        "show_error": SHOW_ERROR,
        "max_file_size": MAX_FILE_SIZE,
        "ssr_mode": False,
        "share": False,
        "app_kwargs": {"middleware": [Middleware(Counter)]},
        **extra,
    }
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    demo.launch(**{key: value for key, value in supported(demo.launch, **settings).items() if value is not None})
    announce(f"http://127.0.0.1:{given.port}")
    ended.wait()
    threading.Timer(2, leave).start()
    demo.close()
    leave()


if __name__ == "__main__":
    launch(build())
