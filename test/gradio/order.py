"""An app whose functions have the order of the variable ORDER: an app that is redeployed with other functions at its indexes."""

from __future__ import annotations

import os

import gradio as gr


def preview(text):
    return f"preview of {text}"


def remove(text):
    return f"removed {text}"


def count(text):
    for end in range(1, len(text) + 1):
        yield text[:end]


functions = {"preview": preview, "remove": remove, "count": count}
with gr.Blocks() as demo:
    text, said = gr.Textbox(), gr.Textbox()
    for name in os.environ["ORDER"].split():
        gr.Button(name).click(functions[name], text, said, api_name=name)

demo.launch()
