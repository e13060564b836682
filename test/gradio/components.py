"""An app with one endpoint for each component: it returns its input, and a description of the value its function received."""

from __future__ import annotations

import hashlib
import json
import os

import gradio as gr
import numpy as np
from app import launch

SHAPES = {"type": "plotly", "plot": json.dumps({"data": [{"y": [1, 3, 2]}], "layout": {}})}


def seen(value):
    """Describes a value that a function received: files by name, size and digest, arrays by shape."""
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape)}
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return {"columns": list(value.columns), "rows": value.values.tolist()}
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: seen(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [seen(part) for part in value]
    if isinstance(value, str) and os.path.isabs(value) and os.path.isfile(value):
        with open(value, "rb") as stream:
            content = stream.read()
        return {"name": os.path.basename(value), "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return value


def both(value):
    return value, told(value)


def told(value):
    """Wraps text in a dictionary, as plain text would be read as JSON."""
    return {"value": seen(value)}


def boxes(image):
    """Draws a box on an image."""
    return (image, [((0, 0, 2, 2), "corner")])


def editor_composite(value):
    """Returns the content of the editor as one image."""
    return value["composite"] if value else None, told(value)


def highlighted(value):
    """Converts the dictionaries that the component passes to functions into the pairs that it accepts."""
    return [(part["token"], part["class_or_confidence"]) for part in value or []], told(value)


def plotted(value):
    from gradio.components.plot import PlotData

    return PlotData(**SHAPES) if value is None else value, told(value)


def build():
    with gr.Blocks(title="Components") as demo:

        def endpoint(name, function, given, output):
            outputs = [output, gr.JSON(label="seen")]
            gr.Button(name).click(function, [given], outputs, api_name=name)

        def round_trip(name, make):
            endpoint(name, both, make(), make())

        round_trip("textbox", lambda: gr.Textbox())
        round_trip("number", lambda: gr.Number())
        round_trip("slider", lambda: gr.Slider(0, 10, step=0.5))
        round_trip("checkbox", lambda: gr.Checkbox())
        round_trip("checkbox_group", lambda: gr.CheckboxGroup(["a", "b", "c"]))
        round_trip("dropdown", lambda: gr.Dropdown(["a", "b", "c"]))
        round_trip("dropdown_many", lambda: gr.Dropdown(["a", "b", "c"], multiselect=True))
        round_trip("radio", lambda: gr.Radio(["a", ("B", 2)]))
        round_trip("date", lambda: gr.DateTime(type="string"))
        round_trip("code", lambda: gr.Code(language="python"))
        round_trip("json", lambda: gr.JSON())
        round_trip("dataframe", lambda: gr.Dataframe(headers=["name", "value"]))
        round_trip("image", lambda: gr.Image(type="filepath"))
        round_trip("image_array", lambda: gr.Image())
        round_trip("gallery", lambda: gr.Gallery(type="filepath"))
        round_trip("audio", lambda: gr.Audio(type="filepath"))
        round_trip("audio_array", lambda: gr.Audio())
        round_trip("video", lambda: gr.Video())
        round_trip("file", lambda: gr.File())
        round_trip("files", lambda: gr.File(file_count="multiple"))
        round_trip("model3d", lambda: gr.Model3D())
        round_trip("chatbot", lambda: gr.Chatbot())
        round_trip("multimodal", lambda: gr.MultimodalTextbox())
        round_trip("label", lambda: gr.Label())
        round_trip("html", lambda: gr.HTML())
        round_trip("markdown", lambda: gr.Markdown())
        round_trip("color", lambda: gr.ColorPicker())
        endpoint("image_editor", editor_composite, gr.ImageEditor(type="filepath"), gr.Image(type="filepath"))
        endpoint("image_editor_trip", both, gr.ImageEditor(type="filepath"), gr.ImageEditor(type="filepath"))
        endpoint("annotated_image", lambda image: (boxes(image), told(image)), gr.Image(type="filepath"), gr.AnnotatedImage())
        endpoint("highlighted_text", highlighted, gr.HighlightedText(), gr.HighlightedText())
        endpoint("plot", plotted, gr.Plot(), gr.Plot())
        endpoint("download_button", both, gr.File(), gr.DownloadButton())
        endpoint("upload_button", both, gr.UploadButton(), gr.File())
    return demo


if __name__ == "__main__":
    launch(build())
