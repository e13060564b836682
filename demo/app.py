"""The app of the demo, on real Gradio: python demo/app.py

It prints `ready URL VERSION` once it answers, and ends when its standard input does, so that it never outlives the demo.
embedded.ts is its twin without Python.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the demo ends this one when it is done

REAL_STDOUT = sys.stdout
sys.stdout = sys.stderr  # stdout carries the one line `ready …` and nothing else

FILES = tempfile.mkdtemp(prefix="gradio-rx-demo-")  # removed at the end
atexit.register(shutil.rmtree, FILES, ignore_errors=True)
os.chdir(FILES)
os.environ["GRADIO_TEMP_DIR"] = FILES
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
for name in ("NO_PROXY", "no_proxy"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))



def leave(status=0):
    """Ends the process at once: threads that still count or train must not delay it."""
    shutil.rmtree(FILES, ignore_errors=True)
    sys.stderr.flush()
    os._exit(status)


def watch():
    """Ends this process when the demo has ended or sends the end of its input."""
    sys.stdin.read()
    leave()


threading.Thread(target=watch, daemon=True).start()
signal.signal(signal.SIGTERM, lambda *_: leave())

import gradio as gr  # noqa: E402
from PIL import ImageOps, ImageStat  # noqa: E402

STORY = "A client asked an app for a story. The app thought for a while, and then it told it word by word, as apps like to do."
FRUIT = """
apple apricot banana bilberry blackberry blackcurrant blueberry cherry cloudberry cranberry currant elderberry fig
gooseberry grape grapefruit huckleberry kiwi lemon lime mango melon mulberry orange papaya peach pear pineapple plum
raspberry redcurrant strawberry
""".split()

# Counts of the server: the demo reads them to show that a cancel reaches the app.
COUNTING = {"reached": 0, "stopped": False}
SEARCHES = {"started": 0, "cancelled": 0, "finished": 0}
CHATS = {"started": 0, "cancelled": 0, "failed": 0, "finished": 0}
PICTURES = {"started": 0, "cancelled": 0, "finished": 0}
FAILED = set()  # messages that have failed once


def greet(name="you"):
    """Returns a greeting."""
    return f"Hello, {name}! Greetings from Gradio {gr.__version__}."


async def write():
    """A story that grows word by word."""
    words = STORY.split()
    for end in range(1, len(words) + 1):
        await asyncio.sleep(0.09)
        yield " ".join(words[:end])


def train(epochs=3, progress=gr.Progress()):
    """Simulated training: a progress bar for the epochs, and a nested one for the steps."""
    for epoch in progress.tqdm(range(int(epochs)), desc="training", unit="epochs"):
        for _ in progress.tqdm(range(25), desc=f"epoch {epoch + 1}", unit="steps"):
            time.sleep(0.04)
        gr.Info(f"After epoch {epoch + 1} the loss is {0.8 / (epoch + 1):.2f}.")
    return "The model is trained."


async def brew(drink):
    """One drink at a time: other calls wait in the queue."""
    await asyncio.sleep(0.9)
    return f"Here is your {drink}."


async def count():
    """Counts until it is cancelled."""
    COUNTING.update(reached=0, stopped=False)
    try:
        while True:
            COUNTING["reached"] += 1
            yield COUNTING["reached"]
            await asyncio.sleep(0.15)
    finally:
        COUNTING["stopped"] = True


def divide(number, by):
    """A division that fails for zero."""
    if by == 0:
        raise gr.Error("Cannot divide by zero.", title="Bad arithmetic", duration=5, print_exception=False)
    return number / by


async def search(query):
    """A slow search that yields what it has found so far."""
    SEARCHES["started"] += 1
    end = "cancelled"
    try:
        found = []
        yield found
        for fruit in FRUIT:
            await asyncio.sleep(0.025)
            if query in fruit:
                found = [*found, fruit]
                yield found
        end = "finished"
    finally:
        SEARCHES[end] += 1


def measure(path):
    """Counts the lines and words of a text file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return {"lines": len(text.splitlines()), "words": len(text.split())}


async def chat(message, history):
    """Answers a message word by word. A message that contains "fail" fails the first time."""
    CHATS["started"] += 1
    end = "cancelled"
    try:
        words = answer(message, history).split(" ")
        for count in range(1, len(words) + 1):
            await asyncio.sleep(0.06)
            if count == 12 and "fail" in message and message not in FAILED:
                FAILED.add(message)
                end = "failed"
                raise gr.Error("The model ran out of memory.", title="Out of memory", print_exception=False)
            yield " ".join(words[:count])
        end = "finished"
    finally:
        CHATS[end] += 1


def answer(message, history):
    """Returns the whole answer to a message."""
    questions = sum(1 for one in history or [] if one["role"] == "user")
    return (
        f"This is answer {questions + 1} of our conversation. You wrote “{message}”. I am an example, so I say the same each "
        "time.\n\nThe words arrive one by one, and the page shows each of them at once. Press Stop, and the app stops in the "
        "middle of a sentence. Write a message that contains the word “fail” to see an error."
    )


async def grey(image, progress=gr.Progress()):
    """Returns a picture without its colours. One picture at a time: other calls wait in the queue."""
    PICTURES["started"] += 1
    end = "cancelled"
    try:
        steps = max(1, image.height // 12)
        for _ in progress.tqdm(range(steps), desc="removing colours", unit="steps"):
            await asyncio.sleep(0.06)
        end = "finished"
        return ImageOps.grayscale(image)
    finally:
        PICTURES[end] += 1


async def colour(image):
    """Returns the average colour of a picture, as in #336699."""
    await asyncio.sleep(0.1)
    return "#" + "".join(f"{round(mean):02x}" for mean in ImageStat.Stat(image.convert("RGB")).mean)


def note(text, notes):
    """Adds a text to the notes of the session, and returns all of them."""
    notes = [*notes, text]
    return notes, notes


def record():
    """Counts of the server for the endpoints that are cancelled."""
    return {"counting": COUNTING, "searches": SEARCHES, "chats": CHATS, "pictures": PICTURES}


def build():
    with gr.Blocks(title="The gradio-rx demo", analytics_enabled=False) as demo:

        def endpoint(function, inputs, output, **options):
            button = gr.Button(function.__name__)
            button.click(function, inputs, output, api_name=function.__name__, **options)

        endpoint(greet, [gr.Textbox(label="name", value="you")], gr.Textbox(label="greeting"))
        endpoint(write, [], gr.Textbox(label="story"))
        endpoint(train, [gr.Number(label="epochs", value=3)], gr.Textbox(label="outcome"))
        endpoint(brew, [gr.Textbox(label="drink")], gr.Textbox(label="order"), concurrency_limit=1)
        endpoint(count, [], gr.Number(label="number"))
        endpoint(divide, [gr.Number(label="number"), gr.Number(label="by")], gr.Number(label="quotient"))
        endpoint(search, [gr.Textbox(label="query")], gr.JSON(label="fruit"))
        endpoint(measure, [gr.File(label="path")], gr.JSON(label="counts"), concurrency_limit=4)
        endpoint(chat, [gr.Textbox(label="message"), gr.JSON(label="history")], gr.Textbox(label="answer"), concurrency_limit=4)
        notes = gr.State([])
        endpoint(note, [gr.Textbox(label="text"), notes], [gr.JSON(label="notes"), notes])
        picture = gr.Image(label="image", type="pil")
        endpoint(grey, [picture], gr.Image(label="picture", format="png"), concurrency_limit=1)
        endpoint(colour, [picture], gr.Textbox(label="colour"), concurrency_limit=4)
        endpoint(record, [], gr.JSON(label="record"), concurrency_limit=None)
    return demo


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    _, url, _ = build().launch(
        server_name="127.0.0.1",
        server_port=free_port(),
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
    )
    print(f"ready {url} {gr.__version__}", file=REAL_STDOUT, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        leave(1)
