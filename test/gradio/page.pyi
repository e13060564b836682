"""An app for Gradio's own web page: one control for each feature of the page that depends on its client."""

from __future__ import annotations

import os
import threading
import time

import gradio as gr
from gradio.components.base import server

from app import launch

released = threading.Event()


def count():
    for number in range(1, 6):
        yield " ".join(str(one) for one in range(1, number + 1))
        time.sleep(0.1)


def run_on():
    number = 0
    while True:
        number += 1
        yield f"step {number}"
        time.sleep(0.1)


def wait():
    released.wait()
    return "released"


def release():
    released.set()
    return "open"


def fail():
    raise gr.Error("There is no such topic.", title="Refused", duration=None)


def measure(path):
    with open(path, "rb") as file:
        return f"{len(file.read())} bytes"


def add(total):
    return total + 1, f"total {total + 1}"


def warn():
    gr.Warning("Mind the gap.")
    return "warned"


def too_short(text):
    return gr.validate(len(text) > 2, "Too short")

from gradio.events import Dependency

class Adder(gr.HTML):
    """A component whose server function receives a form."""

    @server
    def add_up(self, data):
        [(name, content)] = data.files
        return {"name": name, "size": len(content), "note": data.data["note"]}
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def look(image):
    return str(image.shape[:2])


def build():
    with gr.Blocks(title="Page", analytics_enabled=False) as demo:
        total = gr.State(0)
        Adder("", visible="hidden")
        with gr.Row():
            with gr.Column():
                text = gr.Textbox(label="text")
                said = gr.Textbox(label="said")
                gr.Button("Say").click(lambda one: f"You said {one}", text, said, api_name="say")
                gr.Button("Check").click(lambda one: f"Checked {one}", text, said, validator=too_short, api_name="check")
                written = gr.Textbox(label="written")
                gr.Button("Count").click(count, None, written, api_name="count")
                steps = gr.Textbox(label="steps")
                running = gr.Button("Run on").click(run_on, None, steps, api_name="run_on")
                gr.Button("Halt").click(None, None, None, cancels=[running])
            with gr.Column():
                waited = gr.Textbox(label="waited")
                gr.Button("Wait").click(wait, None, waited, concurrency_limit=1, api_name="wait")
                gr.Button("Release").click(release, None, None, queue=False, api_visibility="private")
                gr.Button("Fail").click(fail, None, said, api_name="fail")
                gr.Button("Warn").click(warn, None, said, api_name="warn")
                summed = gr.Textbox(label="summed")
                gr.Button("Add").click(add, total, [total, summed], api_name="add")
            with gr.Column():
                file = gr.File(label="file")
                size = gr.Textbox(label="size")
                file.upload(measure, file, size, api_name="measure")
                here = os.path.dirname(os.path.abspath(__file__))
                gr.FileExplorer(label="files", root_dir=here, height=120)
                amount = gr.Number(label="amount", value=1, precision=0)

                @gr.render(inputs=amount)
                def fields(number):
                    shown = gr.Textbox(label="rendered")
                    for index in range(int(number)):
                        button = gr.Button(f"Rendered {index + 1}")
                        button.click(lambda index=index: f"pressed {index + 1}", None, shown)

    with demo.route("Second"):
        frame, seen = gr.Image(sources=["webcam"], streaming=True, label="frame"), gr.Textbox(label="seen")
        frame.stream(look, frame, seen, time_limit=20, stream_every=0.1, api_name="look")
        asked = gr.Textbox(label="asked")
        answered = gr.Textbox(label="answered")
        gr.Button("Ask").click(lambda one: f"Answer to {one}", asked, answered, api_name="ask")

    return demo


if __name__ == "__main__":
    launch(build())