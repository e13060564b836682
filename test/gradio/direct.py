"""An app without a queue, which is the default in Gradio 3; newer versions always have a queue."""

from __future__ import annotations

import gradio as gr

from app import launch


def count(step, total):
    return total + int(step), total + int(step)


def fail(message):
    raise gr.Error(message)


def build():
    with gr.Blocks(title="Without a queue", analytics_enabled=False) as demo:
        text, number, total = gr.Textbox(label="text"), gr.Number(label="step"), gr.State(0)
        gr.Button("echo").click(lambda said: said, text, gr.Textbox(label="output"), api_name="echo")
        gr.Button("count").click(count, [number, total], [gr.Number(label="count"), total], api_name="count")
        gr.Button("fail").click(fail, text, gr.Textbox(label="output"), api_name="fail")
    return demo


if __name__ == "__main__":
    launch(build())
