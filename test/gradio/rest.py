"""Features that the app of the contract suite lacks: rendering, streaming inputs, event data, logins of functions, pages."""

from __future__ import annotations

import time

import gradio as gr

from app import launch


def shout(place):
    return lambda text: f"{place}: {text.upper()}"


def draw(count):
    for place in range(int(count)):
        text = gr.Textbox(label=f"text {place}")
        output = gr.Textbox(label=f"shouted {place}")
        text.submit(shout(place), text, output, api_name=f"shout_{place}")


def measure(image, seen):
    """Returns the size of each image that it received so far."""
    seen = [*seen, "none" if image is None else f"{image.width}x{image.height}"]
    return " ".join(seen), seen


def selected(text, event: gr.EventData):
    return {"text": text, "data": event._data, "target": getattr(event.target, "value", None)}


def greet(name, token: gr.OAuthToken | None):
    return f"{name}, {'logged in' if token and token.token == 'hf_of_the_caller' else 'a stranger'}"


async def block(seconds):
    """Blocks the event loop of the whole app: no heartbeat is sent, and no request is answered."""
    time.sleep(seconds)
    return seconds


def build():
    with gr.Blocks(title="The rest of the API", analytics_enabled=False) as demo:
        count = gr.Number(2, label="count")
        gr.render(inputs=count)(draw)

        camera = gr.Image(sources=["webcam"], streaming=True, type="pil", label="camera")
        seen, sizes = gr.State([]), gr.Textbox(label="sizes")
        camera.stream(measure, [camera, seen], [sizes, seen], api_name="watch", time_limit=30, stream_every=0.1)
        camera.stream(measure, [camera, seen], [sizes, seen], api_name="watch_briefly", time_limit=1, stream_every=0.1)

        text, output = gr.Textbox(label="text"), gr.JSON(label="event")
        gr.Button("select").click(selected, text, output, api_name="selected")
        gr.Button("block").click(block, gr.Number(1, label="seconds"), gr.Number(label="blocked"), api_name="block")
        gr.Button("greet").click(greet, text, gr.Textbox(label="greeting"), api_name="greet")
    with demo.route("Second", "/second"):
        other = gr.Textbox(label="other")
        other.submit(lambda text: f"second {text}", other, other, api_name="on_second")
    return demo


if __name__ == "__main__":
    launch(build().queue())
