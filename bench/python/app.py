"""The app of the bench on real Gradio: an echo, and a story in many steps."""

import sys
import threading

import gradio as gr

OUTPUTS = int(sys.argv[1])


def echo(text):
    return text


def steps(text):
    for index in range(OUTPUTS):
        yield f"step {index}, of a story that is long enough"


with gr.Blocks(analytics_enabled=False) as demo:
    text = gr.Textbox(label="text")
    said = gr.Textbox(label="said")
    gr.Button("echo").click(echo, text, said, api_name="echo")
    gr.Button("steps").click(steps, text, said, api_name="steps")

_, url, _ = demo.launch(
    server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, share=False, ssr_mode=False
)
print(f"ready {url.rstrip('/')} {gr.__version__}", flush=True)
# Exits together with the process that started it.
sys.stdin.read()
