import time
import gradio as gr

def greet(name: str) -> str:
    return f"Hello {name}"

def write(topic: str) -> str:
    text = "A story"
    for word in ["about", topic]:
        time.sleep(0.5)
        text += f" {word}"
        yield text

def count() -> int:
    for number in range(1, 1000):
        time.sleep(0.1)
        yield number

def divide(number: float, by: float) -> float:
    if by == 0:
        raise gr.Error("Cannot divide by zero.", title="Bad arithmetic")
    return number / by

with gr.Blocks() as app:
    for function in (greet, write, count, divide):
        gr.api(function)

app.launch()  # http://127.0.0.1:7860
