"""The app of app.py, and apps that differ in their components, names, defaults and texts, mounted at /0, /1 and so on.

/apps lists their subjects. An app that this version of Gradio cannot build is left out, and listed with `null` in place of its path.
"""

from typing import Literal

import gradio as gr
from fastapi import FastAPI

from app import build, options, serve, supported

HOSTILE = [
    "*/ export const evil = 1; /*",
    '"; export const evil = 1; //',
    "`${process.exit(1)}`",
    "line\nexport const evil = 1;\u2028export const evil = 2;\r",
    "\u009b2J\u001b[31m\u0000",
    "</script><!--",
    "\\",
]


def echo(*values):
    return values[0] if len(values) == 1 else list(values)


def endpoint(name, given, outputs=None, function=echo, **settings):
    gr.Button().click(function, given, given if outputs is None else outputs, api_name=name, **settings)


def made(*components):
    """Components inside of an app: those that are declared before it would belong to no app."""
    for component in components:
        if not component.is_rendered:
            component.render()
    return list(components)


def no_endpoint():
    gr.Textbox()


def nothing():
    endpoint("none", [], [], lambda: None)


def texts():
    endpoint("texts", [gr.Textbox(label="text"), gr.Code(label="code"), gr.Markdown(label="m"), gr.HTML(label="h")])


def numbers():
    endpoint("numbers", [gr.Number(label="n"), gr.Slider(0, 10, value=3, step=0.5, label="s"), gr.Checkbox(label="c")])


def media():
    given = [gr.Image(label="image"), gr.Audio(label="audio"), gr.Video(label="video"), gr.Model3D(label="model")]
    endpoint("media", given)


def files():
    given = [gr.File(label="one"), gr.File(file_count="multiple", label="many"), gr.Gallery(label="gallery")]
    endpoint("files", given)


def data():
    given = [gr.Dataframe(headers=["name", "value"], label="table"), gr.JSON(label="json"), gr.Label(label="label")]
    endpoint("data", given)


def chats():
    gr.ChatInterface(lambda message, history: message)


def multimodal():
    endpoint("multimodal", [gr.MultimodalTextbox(label="message"), gr.Chatbot(label="chat")])


def editor():
    endpoint("editor", [gr.ImageEditor(label="editor"), gr.ColorPicker(label="color")])


def generator():
    def count(limit):
        yield from range(int(limit))

    endpoint("count", [gr.Number(label="limit")], [gr.Number(label="count")], count)


def streams():
    microphone = gr.Audio(streaming=True, label="microphone")
    made(microphone)
    microphone.stream(lambda sound: None, [microphone], [], api_name="listen")


def states():
    endpoint("kept", [gr.Textbox(label="a"), gr.State(1), gr.Textbox(label="b")])


def defaults():
    def late(first="x", second=None, third=3):
        return first

    endpoint("late", [gr.Textbox(label="first"), gr.Textbox(label="second"), gr.Number(label="third")], [gr.Textbox()], late)


def words():
    def reserved(class_, default, new_):
        return class_

    endpoint("function", [gr.Textbox(label=name) for name in ("class", "default", "new")], [gr.Textbox()], reserved)


def scripts():
    endpoint("übersetzen", [gr.Textbox(label="文字"), gr.Textbox(label="שלום"), gr.Textbox(label="🙂")])


def prototype():
    for name in ("constructor", "__proto__", "toString"):
        endpoint(name, [gr.Textbox(label=name)])


def types():
    endpoint("Api", [gr.Textbox(label=name) for name in ("FileData", "FileInput", "Api", "string")])


def labels():
    endpoint("same", [gr.Textbox(label="x"), gr.Textbox(label="x"), gr.Textbox(label="")])


def hostile():
    def function(*values):
        return list(values)

    function.__doc__ = "\n".join(HOSTILE)
    endpoint("hostile", [gr.Textbox(label=text, info=text, value=text) for text in HOSTILE], function=function)


def choices():
    given = [
        gr.Dropdown(HOSTILE, label="hostile"),
        gr.Dropdown([("One", 1), ("Two", 2)], value=1, label="numbers"),
        gr.Dropdown(["a"], allow_custom_value=True, label="open"),
        gr.Radio([str(number) for number in range(150)], label="many"),
        gr.Dropdown(["a", "b"], multiselect=True, label="several"),
        gr.CheckboxGroup(["a", "b"], value=["a"], label="group"),
    ]
    endpoint("choices", given)


def many():
    for number in range(200):
        endpoint(f"number_{number}", [gr.Number(label="n")])


def batches():
    endpoint("batch", [gr.Textbox(label="text")], [gr.Textbox(label="text")], lambda texts: [texts], batch=True)


def annotations():
    def typed(kind: Literal["a", "b"] = "a", amount: float = 0.5):
        return kind

    gr.api(typed, api_name="typed")


SUBJECTS = [
    build, no_endpoint, nothing, texts, numbers, media, files, data, chats, multimodal, editor, generator, streams, states, defaults,
    words, scripts, prototype, types, labels, hostile, choices, many, batches, annotations,
]  # fmt: skip


def blocks(subject):
    if subject is build:
        return build()
    with gr.Blocks(title=HOSTILE[0]) as demo:
        subject()
    return demo


def main():
    given = options()
    outer = FastAPI()
    apps = {}

    @outer.get("/apps")
    def listed():
        return apps

    paths = iter(f"/{number}" for number in range(len(SUBJECTS)))
    for subject in SUBJECTS:
        try:
            demo = blocks(subject)
        except Exception as error:  # noqa: BLE001 -- the version lacks a component or an option
            print(f"{subject.__name__}: {error!r}")
            apps[subject.__name__] = None
            continue
        path = next(paths)
        settings = supported(gr.mount_gradio_app, ssr_mode=False)
        outer = gr.mount_gradio_app(outer, demo.queue(), path=path, **settings)
        apps[subject.__name__] = path
    serve(outer, given.port, "/0")


if __name__ == "__main__":
    main()
